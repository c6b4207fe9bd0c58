#ifndef EA_CONV2D_TILES_S8_H
#define EA_CONV2D_TILES_S8_H

#include <stdint.h>

#include "ea_dsp.h"

/* The same function as ea_conv2d_s8, for one group of channels, two pixels and four channels at a time:
 * y[o] = clamp(requantise_twice(bias[o] + sum of x * weights, multiplier[o], -right[o]) + output_offset, low, high),
 * where bias holds minus the zero point of x times the sum of the weights.
 *
 * The values under each kernel row are rounded up to a multiple of 4: blocks. Of a block, values 0 and 2 make one pair,
 * 1 and 3 the next. weights: [quad of channels][pair][2][2], int16: for channels (0, 1), then (2, 3) of the quad and each
 * value of the pair, the second channel's weight * 256 + the first one's; zeros fill up. So one multiplication serves two
 * channels: sums of the first, and of both, tell the second. |second sum|: below 2^23.
 * Behind each quad's weights stand int32 of its channels, [4]{2 * bias, multiplier, addend, right}: addend =
 * 2^(right - 1) + output_offset * 2^right, right: 1 to 22. 2 * the sum with its bias fits int32. weights: 4-byte aligned.
 * rows, y and padding: as for ea_conv2d_s8.
 *
 * Windows of the output columns from inside_first to before inside_end lie side by side in the rows, and so do the blocks
 * under them. scratch: 16 bytes a block, 4-byte aligned; and, where a column is not one of these, from edge_start on
 * edge_bytes for each kernel row: the values under two such windows, and what fills up the blocks. What becomes of a block
 * ends before those that follow it: edge_start is at least 12 * (row_blocks - 1) + (kernel_height - 1) * the bytes by which
 * 16 * row_blocks exceeds edge_bytes. */
struct ea_conv2d_tiles_s8 {
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
    int32_t row_blocks; /* under one kernel row */
    int32_t inside_first;
    int32_t inside_end;
    int32_t edge_bytes;
    int32_t edge_start;
    const int16_t *weights;
};

#endif
