#ifndef EA_CONV2D_S16_H
#define EA_CONV2D_S16_H

#include <stdint.h>

/* y[o] = clamp(requantise(bias[o] + sum over k, column, i of x * weights), low, high)
 * rows: kernel_height rows [input_width][input_channels]; weights: [output_channels][kernel_height][kernel_width]
 * [group_inputs]; y: [output_width][output_channels]. y may not alias a row. int16 is aligned as its type. Filters
 * g * group_outputs and on, group_outputs of them, read input channels g * group_inputs and on.
 * A column outside the image counts as zero; so does a row, which the caller gives as a row of zeros. */
struct ea_conv2d_shape_s16 {
    int32_t input_width;
    int32_t input_channels;
    int32_t output_width;
    int32_t output_channels;
    int32_t group_inputs;  /* input channels that one filter reads */
    int32_t group_outputs; /* filters that read the same input channels */
    int32_t kernel_height;
    int32_t kernel_width;
    int32_t stride;
    int32_t dilation;
    int32_t padding; /* columns left of the image */
    int32_t low;
    int32_t high;
    const int8_t *weights;
};

/* Sums have 64 bits; requantise is ea_requantise_wide. */
struct ea_conv2d_s16 {
    const struct ea_conv2d_shape_s16 *shape;
    const int64_t *bias;
    const int16_t *multiplier;
    const int8_t *right;
};

/* Sums wrap in 32 bits; requantise is ea_requantise_twice. */
struct ea_conv2d_narrow_s16 {
    const struct ea_conv2d_shape_s16 *shape;
    const int32_t *bias;
    const int32_t *multiplier;
    const int8_t *shift;
};

#endif
