#ifndef EA_DEPTHWISE_CONV2D_S8_H
#define EA_DEPTHWISE_CONV2D_S8_H

#include <stdint.h>

/* y[o] = clamp(requantise_twice(bias[o] + sum over k, column of (x[o / channel_multiplier] + input_offset) * weights[o],
 *                               multiplier[o], shift[o]) + output_offset, low, high)
 * rows: kernel_height rows [input_width][input_channels]; weights: [kernel_height][kernel_width][o];
 * y: [output_width][o], where o counts input_channels * channel_multiplier. y may not alias a row. Nothing needs
 * alignment. A column outside the image counts as its zero point; so does a row, which the caller gives as a row of zero
 * points. Sums wrap in 32 bits. Source: Jacob et al. 2018, section 2. */
struct ea_depthwise_conv2d_s8 {
    int32_t input_width;
    int32_t input_channels;
    int32_t output_width;
    int32_t channel_multiplier; /* outputs of one input channel */
    int32_t kernel_height;
    int32_t kernel_width;
    int32_t stride;
    int32_t dilation;
    int32_t padding; /* columns left of the image */
    int32_t input_offset;
    int32_t output_offset;
    int32_t low;
    int32_t high;
    const int8_t *weights;
    const int32_t *bias;
    const int32_t *multiplier;
    const int8_t *shift;
};

#endif
