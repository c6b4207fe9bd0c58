#ifndef EA_CONV2D_BLOCKS_ROW_S8_C
#define EA_CONV2D_BLOCKS_ROW_S8_C

#include "ea_blocks.h"
#include "ea_conv2d_block.h"
#include "ea_conv2d_blocks_s8.h"
#include "ea_gather.h"
#include "ea_language.h"
#include "ea_requantise.h"

#include <string.h>

/* The values under a kernel row of one pixel, with the zero point for what lies outside the row. start: the input column
 * under kernel column 0. */
EA_INLINE struct ea_gathered ea_conv2d_blocks_gather_row_s8_c(
    const struct ea_conv2d_blocks_s8 *p, const int8_t *row, int32_t start, struct ea_gathered got)
{
    const int32_t channels = p->input_channels, end = start + p->kernel_width * p->dilation;
    for (int32_t column = start; column < end; column += p->dilation)
        if (column < 0 || column >= p->input_width)
            got = ea_gather_same(got, (uint32_t)(p->input_zero_point + 128), channels);
        else
            got = ea_gather(got, row + column * channels, channels);
    return got;
}

/* The same for all kernel rows where they lie inside, and side by side. at: where, in bytes. */
EA_INLINE struct ea_gathered ea_conv2d_blocks_gather_inside_s8_c(
    const int8_t *const rows[], int32_t height, int32_t at, int32_t count, struct ea_gathered got)
{
    for (int32_t k = 0; k < height; k++)
        got = ea_gather(got, rows[k] + at, count);
    return got;
}

/* What lies under the filters at an output column; returns where their sums start. */
EA_INLINE int32_t ea_conv2d_blocks_gather_s8_c(
    const struct ea_conv2d_blocks_s8 *p, const int8_t *const rows[], int32_t column, uint8_t *to)
{
    const int32_t start = column * p->stride - p->padding, height = p->kernel_height, channels = p->input_channels;
    const int32_t dense = p->dilation == 1 || p->kernel_width == 1;
    struct ea_gathered got = {to, 0};
    if (dense && start >= 0 && start + p->kernel_width <= p->input_width)
        got = ea_conv2d_blocks_gather_inside_s8_c(rows, height, start * channels, p->kernel_width * channels, got);
    else
        for (int32_t k = 0; k < height; k++)
            got = ea_conv2d_blocks_gather_row_s8_c(p, rows[k], start, got);
    return ea_block_start(got.sum);
}

/* The filters over what was gathered. The last few channels make no whole quad. */
EA_INLINE void ea_conv2d_blocks_filters_s8_c(
    const struct ea_conv2d_blocks_s8 *p, struct ea_block block, int8_t *first, int8_t *second)
{
    const int32_t left = p->output_channels & (EA_BLOCK_CHANNELS - 1), done = p->output_channels - left;
    block.quads = done / EA_BLOCK_CHANNELS;
    block.y[0] = first;
    block.y[1] = second;
    if (done > 0)
        ea_conv2d_block_run(&block);
    if (left == 0)
        return;
    int8_t rest[2][EA_BLOCK_CHANNELS];
    block.weights += block.quads * p->quad_words;
    block.quads = 1;
    block.y[0] = rest[0];
    block.y[1] = rest[1];
    ea_conv2d_block_run(&block);
    memcpy(first + done, rest[0], (size_t)left);
    if (EA_BLOCK_PIXELS > 1)
        memcpy(second + done, rest[1], (size_t)left);
}

static void ea_conv2d_blocks_row_s8_c(
    const struct ea_conv2d_blocks_s8 *p, const int8_t *const rows[], int8_t *y, void *scratch)
{
    const int32_t channels = p->output_channels, count = p->kernel_height * p->kernel_width * p->input_channels;
    uint8_t *const first = (uint8_t *)scratch, *const second = first + ((count + 3) & ~3);
    struct ea_block block = {{first, second}, count, {0, 0}, p->weights, {y, y}, 0, p->addend, NULL, 0};
    for (int32_t column = 0; column < p->output_width; column += EA_BLOCK_PIXELS) {
        const int32_t last = p->output_width - 1, next = column < last ? column + 1 : last; /* the last one twice */
        block.start[0] = ea_conv2d_blocks_gather_s8_c(p, rows, column, first);
        if (EA_BLOCK_PIXELS > 1)
            block.start[1] = ea_conv2d_blocks_gather_s8_c(p, rows, next, second);
        ea_conv2d_blocks_filters_s8_c(p, block, y + column * channels, y + next * channels);
    }
    if (p->low > -128 || p->high < 127)
        for (int32_t i = 0; i < p->output_width * channels; i++)
            y[i] = (int8_t)ea_clamp(y[i], p->low, p->high);
}

#endif
