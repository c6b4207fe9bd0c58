#ifndef EA_DEPTHWISE_STRIPS_S8_H
#define EA_DEPTHWISE_STRIPS_S8_H

#include <stdint.h>

/* y[c] = clamp(requantise_twice(bias + sum over k, column of x[c] * weights[k][column][c], multiplier, -right)
 *              + output_zero_point, low, high): a 3x3 filter over each channel, columns side by side.
 * rows: 3 rows [input_width][channels]; y: [output_width][channels], may not alias a row. Nothing but scratch needs
 * alignment. A column outside the image counts as the zero point; so does a row, which the caller gives as a row of them.
 *
 * weights: of each quad of channels, bytes from the lowest of a word on: [4][3][3] weights, right - 1 of each channel;
 * then words [4]{2 * bias, multiplier}. The last quad is that of the last four channels. The bias holds the input's zero
 * point. right: 1 to 22. addend: 2 * output_zero_point + 1. 2 * the sum with its bias is below 2^29 in magnitude.
 *
 * scratch: 4-byte aligned, [columns that the windows touch][3 rows][4 channels]. */
struct ea_depthwise_strips_s8 {
    int32_t input_width;
    int32_t channels; /* at least 4 */
    int32_t output_width;
    int32_t stride;
    int32_t padding;
    int32_t input_zero_point;
    int32_t low;
    int32_t high;
    int32_t addend;
    const uint32_t *weights;
};

#endif
