#ifndef EA_DEPTHWISE_CONV2D_APART_S8_H
#define EA_DEPTHWISE_CONV2D_APART_S8_H

#include <stdint.h>

#define EA_APART_CHANNELS 4 /* together */

/* y[c] = clamp(sat8(requantise_twice(bias + sum over k, column of x[c] * weights[k][column][c], multiplier, -right)
 *              + output_zero_point), low, high): a 3x3 filter over each channel, columns two apart.
 * rows: 3 rows [input_width][channels]; y: [output_width][channels], may not alias a row. Nothing needs alignment. A
 * column outside the image is `outside`, channels zero points; so is a row, which the caller gives as a row of them.
 *
 * numbers: [four channels; the last four may lie over those before]{4 biases; [kernel row][kernel column 0, 2, 1]{weights
 * of channels 0 and 2, of 1 and 3}; [4]{multiplier; addend[; right]}}. Weights are two int16, the first one lower. The
 * bias holds the input's zero point. Scaled as those of ea_depthwise_conv2d_pairs_s8, as the reference rounds or
 * rectified. */
struct ea_depthwise_conv2d_apart_s8 {
    int32_t input_width;
    int32_t channels; /* at least 4 */
    int32_t output_width;
    int32_t padding;
    int32_t low;
    int32_t high;
    const int8_t *outside;
    const int32_t *numbers;
};

#endif
