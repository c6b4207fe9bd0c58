#ifndef EA_DEPTHWISE_VECTORS_S8_H
#define EA_DEPTHWISE_VECTORS_S8_H

#include <stdint.h>

#define EA_DEPTHWISE_VECTORS_TAPS 25

/* The same function as ea_depthwise_conv2d_s8 with one output a channel, sixteen channels (a block) at a time:
 * y[c] = clamp(requantise_twice(bias[c] + sum of x * weights, multiplier[c], shift[c]) + output_offset, low, high),
 * where bias holds minus the zero point of x times the sum of the weights.
 *
 * kernel_height * kernel_width: at most 25, or just nine for the kernel of nine taps. weights: [block][taps][16], none is
 * -128: the sum of two products fits int16; taps are those of the kernel, and one of zeros if it has an even number.
 * numbers: [block]{bias[16], multiplier[16], shift[16]}, each of the block's channels 0, 4, 8, 12, 2, 6, 10, 14, 1, 5, 9,
 * 13, 3, 7, 11, 15, 4-byte aligned; shift: -31 to -1; sums fit int32; zeros fill up the last block. outside: `channels`
 * zero points, where columns lie outside.
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
    int32_t output_offset;
    int32_t low;
    int32_t high;
    const int8_t *outside;
    const int8_t *weights;
    const int32_t *numbers;
};

#endif
