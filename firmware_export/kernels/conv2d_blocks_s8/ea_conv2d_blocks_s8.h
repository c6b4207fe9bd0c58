#ifndef EA_CONV2D_BLOCKS_S8_H
#define EA_CONV2D_BLOCKS_S8_H

#include <stdint.h>

/* The same function as ea_conv2d_s8, for one group of channels, four channels at a time:
 * y[o] = clamp(requantise_twice(bias[o] + sum of x * weights, multiplier[o], -right[o]) + output_zero_point, low, high),
 * where bias holds minus the zero point of x times the sum of the weights.
 *
 * weights: of each quad of channels, for each value under the filter a word of (weight + 128) of channels 2, 3, 1, 0 from
 * its lowest byte on; then a word of right - 1 of channels 0 to 3, from the lowest byte on; then of these channels
 * {2 * bias - 256 * sum of the weights, multiplier}. The last quad is filled up with weights of 0 and numbers of 0.
 * right: 1 to 22. addend: 2 * output_zero_point + 1. 2 * the sum with its bias is below 2^29 in magnitude; and 255 * the
 * sum of the positive weights of a channel, or the negative ones, below 2^23.
 * rows, y and padding: as for ea_conv2d_s8. scratch: twice the values under a filter, each time rounded up to a multiple
 * of 4, 4-byte aligned. */
struct ea_conv2d_blocks_s8 {
    int32_t input_width;
    int32_t input_channels;
    int32_t output_width;
    int32_t output_channels;
    int32_t kernel_height;
    int32_t kernel_width;
    int32_t stride;
    int32_t dilation;
    int32_t padding;
    int32_t input_zero_point;
    int32_t low;
    int32_t high;
    int32_t addend;
    int32_t quad_words;
    const uint32_t *weights;
};

#endif
