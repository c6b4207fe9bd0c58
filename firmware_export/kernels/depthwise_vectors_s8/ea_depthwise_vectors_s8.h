#ifndef EA_DEPTHWISE_VECTORS_S8_H
#define EA_DEPTHWISE_VECTORS_S8_H

#include <stdint.h>

/* The same function as ea_depthwise_conv2d_s8 with one output a channel, eight channels (an octet) at a time:
 * y[c] = clamp(requantise_twice(bias[c] + sum of x * weights, multiplier[c], shift[c]) + output_offset, low, high),
 * where bias holds minus the zero point of x times the sum of the weights.
 *
 * channels: at least 8; the last octet is of the last eight. weights: [octet][kernel_height][kernel_width][8], none is
 * -128: the sum of two products fits int16. numbers: [octet]{bias[8], multiplier[8], shift[8]}, each of channels 0, 2, 4,
 * 6, 1, 3, 5, 7 of the octet, 4-byte aligned; shift: -31 to -1; sums fit int32.
 * rows, y and padding: as for ea_depthwise_conv2d_s8. */
struct ea_depthwise_vectors_s8 {
    int32_t input_width;
    int32_t channels;
    int32_t output_width;
    int32_t kernel_height;
    int32_t kernel_width;
    int32_t stride;
    int32_t dilation;
    int32_t padding;
    int32_t input_zero_point;
    int32_t output_offset;
    int32_t low;
    int32_t high;
    const int8_t *weights;
    const int32_t *numbers;
};

#endif
