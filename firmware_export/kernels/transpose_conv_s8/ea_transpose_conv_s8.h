#ifndef EA_TRANSPOSE_CONV_S8_H
#define EA_TRANSPOSE_CONV_S8_H

#include <stdint.h>

/* y[column][o] = clamp(requantise_twice(bias[o] + sum of (x + input_offset) * weights, multiplier[o], shift[o])
 *                      + output_offset, low, high)
 * over every kernel row, kernel column, input row and input column that meet there: kernel column k of input column c
 * lies on column c * stride + k - padding, and rows likewise. A kernel row below `phase` or between the strides from it
 * meets no input row: rows[j] meets kernel row phase + j * row_stride, as far as there is one.
 * rows: [input_width][input_channels]; weights: [output_channels][kernel_height][kernel_width][input_channels];
 * y: [output_width][output_channels]. y may not alias a row. Nothing needs alignment. A row outside the image is given
 * as a row of zero points. Sums wrap in 32 bits. Source: Dumoulin and Visin 2016, section 4. */
struct ea_transpose_conv_s8 {
    int32_t input_width;
    int32_t input_channels;
    int32_t output_width;
    int32_t output_channels;
    int32_t kernel_height;
    int32_t kernel_width;
    int32_t row_stride;
    int32_t stride;
    int32_t padding; /* columns of the whole result left of the output */
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
