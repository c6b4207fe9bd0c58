#ifndef EA_DEPTHWISE_CONV2D_S16_H
#define EA_DEPTHWISE_CONV2D_S16_H

#include <stdint.h>

/* y[o] = clamp(requantise_wide(bias[o] + sum over k, column of x[o / channel_multiplier] * weights[o],
 *                              multiplier[o], right[o]), low, high)
 * rows: kernel_height rows [input_width][input_channels]; weights: [kernel_height][kernel_width][o];
 * y: [output_width][o], where o counts input_channels * channel_multiplier. y may not alias a row. int16 is aligned as
 * its type. A column outside the image counts as zero; so does a row, which the caller gives as a row of zeros.
 * Sums have 64 bits. */
struct ea_depthwise_conv2d_s16 {
    int32_t input_width;
    int32_t input_channels;
    int32_t output_width;
    int32_t channel_multiplier; /* outputs of one input channel */
    int32_t kernel_height;
    int32_t kernel_width;
    int32_t stride;
    int32_t dilation;
    int32_t padding; /* columns left of the image */
    int32_t low;
    int32_t high;
    const int8_t *weights;
    const int64_t *bias;
    const int16_t *multiplier;
    const int8_t *right;
};

#endif
