#ifndef EA_RESIZE_BILINEAR_S8_H
#define EA_RESIZE_BILINEAR_S8_H

#include <stdint.h>

/* y[column][c] = the four pixels around a place, weighed by their nearness in 1/1024 of a pixel, over 2^20, rounded to
 * nearest, halves away from zero. The place lies `fraction` below rows[0], and column * step + start from its left.
 * rows[0], rows[1]: [input_width][channels]; y: [output_width][channels]. y may not alias a row. Nothing needs alignment.
 * Right of the last pixel the last one counts, left of the first the first: start is -512 or more. */
struct ea_resize_bilinear_s8 {
    int32_t input_width;
    int32_t channels;
    int32_t output_width;
    int32_t step;
    int32_t start;
};

#endif
