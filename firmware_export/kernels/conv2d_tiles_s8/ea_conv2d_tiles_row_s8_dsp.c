#ifndef EA_CONV2D_TILES_ROW_S8_DSP
#define EA_CONV2D_TILES_ROW_S8_DSP

#include "ea_conv2d_tile.h"
#include "ea_conv2d_tiles_s8.h"
#include "ea_language.h"
#include "ea_requantise.h"

#include <stdint.h>
#include <string.h>

/* memcpy, for few bytes. */
EA_INLINE void ea_conv2d_tiles_move_s8_dsp(int8_t *to, const int8_t *from, int32_t count)
{
    for (int32_t fours = count >> 2; fours > 0; fours--, to += 4, from += 4)
        memcpy(to, from, 4);
    for (int32_t rest = count & 3; rest > 0; rest--)
        *to++ = *from++;
}

/* memset, for few bytes. */
EA_INLINE void ea_conv2d_tiles_fill_s8_dsp(int8_t *to, int32_t value, int32_t count)
{
    const uint32_t four = (uint32_t)(value & 255) * 0x01010101u;
    for (int32_t fours = count >> 2; fours > 0; fours--, to += 4)
        memcpy(to, &four, 4);
    for (int32_t rest = count & 3; rest > 0; rest--)
        *to++ = (int8_t)value;
}

/* `count` columns of a row from `start` on, `dilation` apart, copied; one outside counts as the zero point. Returns the
 * end of the copy. */
EA_INLINE int8_t *ea_conv2d_tiles_copy_s8_dsp(
    const struct ea_conv2d_tiles_s8 *p, const int8_t *row, int32_t start, int32_t dilation, int32_t count, int8_t *copy)
{
    const int32_t channels = p->input_channels;
    for (int32_t column = start; count > 0; count--, column += dilation, copy += channels) {
        if (column < 0 || column >= p->input_width)
            ea_conv2d_tiles_fill_s8_dsp(copy, p->input_zero_point, channels);
        else
            ea_conv2d_tiles_move_s8_dsp(copy, row + column * channels, channels);
    }
    return copy;
}

/* Two columns of outputs whose windows do not lie in the rows as they are: a copy of what lies under them.
 * a, b: the input columns under their kernel column 0. copies: [kernel_height][edge_bytes]. */
EA_INLINE void ea_conv2d_tiles_edge_s8_dsp(
    const struct ea_conv2d_tiles_s8 *p, const int8_t *const rows[], int32_t a, int32_t b, int8_t *copies,
    struct ea_conv2d_tile *tile)
{
    int8_t *copy = copies;
    const int32_t side_by_side = p->dilation == 1, first = side_by_side ? p->kernel_width + b - a : p->kernel_width;
    for (int32_t k = 0; k < p->kernel_height; k++, copy += p->edge_bytes) {
        int8_t *const end = ea_conv2d_tiles_copy_s8_dsp(p, rows[k], a, p->dilation, first, copy);
        if (!side_by_side)
            ea_conv2d_tiles_copy_s8_dsp(p, rows[k], b, p->dilation, p->kernel_width, end);
    }
    tile->rows = copies;
    tile->row_bytes = p->edge_bytes;
    tile->first = 0;
    tile->second = (side_by_side ? b - a : p->kernel_width) * p->input_channels;
    tile->pairs = 1;
    ea_conv2d_tile_run(tile);
}

/* What is the same for all tiles: how the blocks under a filter are passed through. */
EA_INLINE struct ea_conv2d_tile ea_conv2d_tiles_of_s8_dsp(const struct ea_conv2d_tiles_s8 *p, uint32_t *x)
{
    const int32_t behind = p->row_blocks * p->kernel_height - 1; /* blocks behind the first */
    const int32_t passes = behind > 0 ? (behind + EA_TILE_UNROLLED - 1) >> EA_TILE_UNROLLED_BITS : 1;
    const int32_t skipped = passes * EA_TILE_UNROLLED - behind;
    struct ea_conv2d_tile tile;
    tile.x = x;
    tile.x_end = x + (1 + behind) * (EA_TILE_BLOCK_BYTES / 4);
    tile.ahead = (1 - skipped) * EA_TILE_BLOCK_BYTES;
    tile.skipped_code = skipped * EA_TILE_BLOCK_CODE_BYTES;
    tile.weights = p->weights;
    tile.channels = p->output_channels;
    tile.height = p->kernel_height;
    tile.blocks = p->row_blocks;
    tile.step = 2 * p->stride * p->input_channels;
    return tile;
}

static void ea_conv2d_tiles_row_s8_dsp(
    const struct ea_conv2d_tiles_s8 *p, const int8_t *const rows[], int8_t *y, void *scratch)
{
    const int32_t channels = p->output_channels, last = p->output_width - 1;
    uint32_t *const x = (uint32_t *)scratch;
    struct ea_conv2d_tile tile = ea_conv2d_tiles_of_s8_dsp(p, x);
    for (int32_t column = 0; column <= last; column += EA_TILE_PIXELS * tile.pairs) {
        const int32_t next = column < last ? column + 1 : column; /* the last one twice */
        const int32_t a = column * p->stride - p->padding, b = next * p->stride - p->padding;
        tile.y[0] = y + column * channels;
        tile.y[1] = y + next * channels;
        tile.end = tile.y[0] + channels;
        if (column < p->inside_first || next >= p->inside_end) {
            ea_conv2d_tiles_edge_s8_dsp(p, rows, a, b, (int8_t *)scratch + p->edge_start, &tile);
            continue;
        }
        tile.rows = rows;
        tile.row_bytes = 0;
        tile.first = a * p->input_channels;
        tile.second = b * p->input_channels;
        tile.pairs = column == next ? 1 : (p->inside_end - column) >> 1;
        ea_conv2d_tile_run(&tile);
    }
    if (p->low > -128 || p->high < 127)
        for (int32_t i = 0; i < p->output_width * channels; i++)
            y[i] = (int8_t)ea_clamp(y[i], p->low, p->high);
}

#endif
