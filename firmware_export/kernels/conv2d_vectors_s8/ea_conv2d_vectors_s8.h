#ifndef EA_CONV2D_VECTORS_S8_H
#define EA_CONV2D_VECTORS_S8_H

#include <stdint.h>

/* The same function as ea_conv2d_s8, for one group of channels, two pixels and four channels (a quad) at a time:
 * y[o] = clamp(requantise_twice(bias[o] + sum of x * weights, multiplier[o], shift[o]) + output_offset, low, high),
 * where bias holds minus the zero point of x times the sum of the weights.
 *
 * A filter's kernel_height * kernel_width * input_channels values are a first part of `first` of them, 1 to 16, and
 * `blocks` blocks of 16. weights: [quad][first part, then blocks][4][16]; zeros fill up the first part and the last quad.
 * channels: [quad]{bias[4], multiplier[4], shift[4]}, 4-byte aligned; shift: -31 to -1; sums fit int32.
 * rows, y and padding: as for ea_conv2d_s8. scratch: two filters' values. The pointwise kernels read one pixel for each
 * of y and need none; the shallow one is for at most 16 input channels, and output channels that are whole quads. */
struct ea_conv2d_vectors_s8 {
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
    int32_t output_offset;
    int32_t low;
    int32_t high;
    int32_t first;
    int32_t blocks;
    const int8_t *weights;
    const int32_t *channels;
};

#endif
