#ifndef EA_CONV2D_WINOGRAD_ROW_S8_DSP
#define EA_CONV2D_WINOGRAD_ROW_S8_DSP

#include "ea_conv2d_winograd_s8.h"
#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_winograd_block.h"
#include "ea_winograd_window.h"

#include <stdint.h>
#include <string.h>

/* memcpy, for few bytes. Returns the end of the copy. */
EA_INLINE int8_t *ea_conv2d_winograd_move_s8_dsp(int8_t *to, const int8_t *from, int32_t count)
{
    for (int32_t eights = count >> 3; eights > 0; eights--, to += 8, from += 8)
        memcpy(to, from, 8);
    for (int32_t rest = count & 7; rest > 0; rest--)
        *to++ = *from++;
    return to;
}

/* memset, for few bytes. Returns the end. */
EA_INLINE int8_t *ea_conv2d_winograd_fill_s8_dsp(int8_t *to, int32_t value, int32_t count)
{
    const uint32_t four = (uint32_t)(value & 255) * 0x01010101u;
    for (int32_t fours = count >> 2; fours > 0; fours--, to += 4)
        memcpy(to, &four, 4);
    for (int32_t rest = count & 3; rest > 0; rest--)
        *to++ = (int8_t)value;
    return to;
}

/* Six columns from `start` on of each row that reach beyond it, copied; those outside are zero points. */
EA_INLINE void ea_conv2d_winograd_edge_s8_dsp(
    const struct ea_conv2d_winograd_s8 *p, const int8_t *const rows[], int32_t start, int8_t *copies,
    struct ea_winograd_window *window)
{
    const int32_t channels = p->input_channels, end = start + EA_WINOGRAD_COLUMNS;
    const int32_t first = start < 0 ? 0 : start, behind = end < p->input_width ? end : p->input_width;
    const int32_t inside = behind > first ? behind - first : 0;
    const int32_t before = first - start < EA_WINOGRAD_COLUMNS ? first - start : EA_WINOGRAD_COLUMNS;
    window->rows = copies;
    window->row_bytes = EA_WINOGRAD_COLUMNS * 4 * p->blocks;
    window->first = 0;
    for (int32_t k = 0; k < p->kernel_height; k++, copies += window->row_bytes) {
        int8_t *to = ea_conv2d_winograd_fill_s8_dsp(copies, p->input_zero_point, before * channels);
        to = ea_conv2d_winograd_move_s8_dsp(to, rows[k] + first * channels, inside * channels);
        ea_conv2d_winograd_fill_s8_dsp(to, p->input_zero_point, (int32_t)(copies + window->row_bytes - to));
    }
}

/* What lies under four columns of outputs. start: the input column under the first one's kernel column 0. */
EA_INLINE void ea_conv2d_winograd_window_s8_dsp(
    const struct ea_conv2d_winograd_s8 *p, const int8_t *const rows[], int32_t start, int8_t *copies, uint32_t *x)
{
    struct ea_winograd_window window;
    const int32_t channels = p->input_channels, last = start + EA_WINOGRAD_COLUMNS - 1;
    window.rows = rows;
    window.row_bytes = 0;
    window.first = start * channels;
    window.channels = channels;
    window.x = x;
    window.height = p->kernel_height;
    window.block_bytes = 4 * p->blocks;
    if (start < 0 || last * channels + window.block_bytes > p->input_width * channels)
        ea_conv2d_winograd_edge_s8_dsp(p, rows, start, copies, &window);
    ea_winograd_transform(&window);
}

/* What is the same for all columns: how steps are passed through. scratch: x, then what is parked. */
EA_INLINE struct ea_winograd_block ea_conv2d_winograd_block_s8_dsp(
    const struct ea_conv2d_winograd_s8 *p, uint32_t *scratch)
{
    const int32_t steps = 2 * p->blocks * p->kernel_height, behind = steps - 1;
    const int32_t passes = (behind + EA_WINOGRAD_UNROLLED - 1) / EA_WINOGRAD_UNROLLED;
    const int32_t skipped = passes * EA_WINOGRAD_UNROLLED - behind;
    struct ea_winograd_block block;
    block.x = scratch;
    block.ahead = (1 - skipped) * EA_WINOGRAD_STEP_BYTES;
    block.skipped_code = skipped * EA_WINOGRAD_STEP_CODE_BYTES;
    block.x_end = scratch + steps * EA_WINOGRAD_STEP;
    block.weights = p->weights;
    block.parked = scratch + steps * EA_WINOGRAD_STEP;
    block.parked_end = block.parked + EA_WINOGRAD_SUMS;
    block.back = steps * EA_WINOGRAD_STEP * 4 - EA_WINOGRAD_TILES * 4;
    block.channels = p->output_channels;
    block.left = p->output_channels;
    return block;
}

static void ea_conv2d_winograd_row_s8_dsp(
    const struct ea_conv2d_winograd_s8 *p, const int8_t *const rows[], int8_t *y, void *scratch)
{
    uint32_t *const x = (uint32_t *)scratch;
    struct ea_winograd_block block = ea_conv2d_winograd_block_s8_dsp(p, x);
    int8_t *const copies = (int8_t *)(block.parked + EA_WINOGRAD_PARKED);
    for (int32_t column = 0; column < p->output_width; column += EA_WINOGRAD_OUTPUTS) {
        const int32_t left = p->output_width - column;
        block.columns = left < EA_WINOGRAD_OUTPUTS ? left : EA_WINOGRAD_OUTPUTS;
        block.y = y + column * p->output_channels;
        for (int32_t tile = 0; 4 * tile < block.columns; tile++)
            ea_conv2d_winograd_window_s8_dsp(p, rows, column + 4 * tile - p->padding, copies, x + tile);
        ea_winograd_run(&block);
    }
    if (p->low > -128 || p->high < 127)
        for (int32_t i = 0; i < p->output_width * p->output_channels; i++)
            y[i] = (int8_t)ea_clamp(y[i], p->low, p->high);
}

#endif
