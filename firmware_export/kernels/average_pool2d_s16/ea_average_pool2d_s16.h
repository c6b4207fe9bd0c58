#ifndef EA_AVERAGE_POOL2D_S16_H
#define EA_AVERAGE_POOL2D_S16_H

#include <stdint.h>

/* y[c] = clamp(sum / count, low, high), rounded to nearest, halves away from zero; sum and count are over the part of the
 * window that lies inside the image, which is never empty. x and y have one scale.
 * rows: the rows inside, `rows_inside` of them, each [input_width][channels]; y: [output_width][channels]. y may not
 * alias a row. int16 is aligned as its type. */
struct ea_average_pool2d_s16 {
    int32_t input_width;
    int32_t channels;
    int32_t output_width;
    int32_t kernel_width;
    int32_t stride;
    int32_t padding; /* columns left of the image */
    int32_t low;
    int32_t high;
};

#endif
