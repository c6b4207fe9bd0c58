#ifndef EA_CONV2D_TILES_ROW_S8_DSP_C
#define EA_CONV2D_TILES_ROW_S8_DSP_C

#include "ea_columns.h"
#include "ea_conv2d_tile.h"
#include "ea_conv2d_tiles_s8.h"
#include "ea_dsp.h"
#include "ea_language.h"
#include "ea_requantise.h"

#include <string.h>

/* Where value i of a run lies, for one pixel of a tile. */
EA_INLINE int16_t *ea_conv2d_tiles_at_s8_dsp(int16_t *pixel, int32_t i)
{
    const uint32_t block = (uint32_t)i >> 2, half = ((uint32_t)i >> 1) & 1u, pair = (uint32_t)i & 1u;
    return pixel + (block * EA_TILE_BLOCK_HALVES + pair * 4u + half);
}

/* `count` values of two pixels, widened. */
EA_INLINE void ea_conv2d_tiles_pair_s8_dsp(const int8_t *a, const int8_t *b, int32_t count, int16_t *x)
{
    ea_conv2d_tile_widen(a, b, count >> 2, (uint32_t *)(void *)x);
    for (int32_t i = count & ~3; i < count; i++) {
        *ea_conv2d_tiles_at_s8_dsp(x, i) = a[i];
        *ea_conv2d_tiles_at_s8_dsp(x + 2, i) = b[i];
    }
}

/* The values under a kernel row of one pixel, `start` being the input column under kernel column 0: in the row, or copied
 * with the zero point for what lies outside. */
EA_INLINE const int8_t *ea_conv2d_tiles_run_s8_dsp(
    const struct ea_conv2d_tiles_s8 *p, const int8_t *row, int32_t start, int8_t *copy)
{
    const int32_t channels = p->input_channels, last = start + (p->kernel_width - 1) * p->dilation;
    const int32_t whole = start >= 0 && last < p->input_width;
    if (whole && (p->dilation == 1 || p->kernel_width == 1))
        return row + start * channels;
    const struct ea_columns inside = ea_columns_inside(start, p->dilation, p->kernel_width, p->input_width);
    const int32_t once = p->dilation == 1 ? inside.count : 1; /* columns that lie side by side */
    memset(copy, p->input_zero_point, (size_t)(p->kernel_width * channels));
    const int8_t *x = row + inside.column * channels;
    int8_t *to = copy + inside.first * channels;
    for (int32_t k = 0; k < inside.count; k += once, x += p->dilation * channels, to += channels)
        memcpy(to, x, (size_t)(once * channels));
    return copy;
}

/* What lies under the filters at two output columns. */
EA_INLINE void ea_conv2d_tiles_gather_s8_dsp(
    const struct ea_conv2d_tiles_s8 *p, const int8_t *const rows[], int32_t first, int32_t second, int16_t *x,
    int8_t *copies)
{
    const int32_t count = p->kernel_width * p->input_channels;
    const int32_t halves = ((count + 3) >> 2) * EA_TILE_BLOCK_HALVES;
    const int32_t a = first * p->stride - p->padding, b = second * p->stride - p->padding;
    for (int32_t k = 0; k < p->kernel_height; k++, x += halves) {
        const int8_t *const of_a = ea_conv2d_tiles_run_s8_dsp(p, rows[k], a, copies);
        const int8_t *const of_b = ea_conv2d_tiles_run_s8_dsp(p, rows[k], b, copies + count);
        ea_conv2d_tiles_pair_s8_dsp(of_a, of_b, count, x);
    }
}

/* The filters at two output columns; the last few of them make no whole quad. */
EA_INLINE void ea_conv2d_tiles_columns_s8_dsp(
    const struct ea_conv2d_tiles_s8 *p, struct ea_conv2d_tile tile, int8_t *first, int8_t *second)
{
    const int32_t left = p->output_channels % EA_TILE_CHANNELS;
    tile.quads = p->output_channels / EA_TILE_CHANNELS;
    tile.y[0] = first;
    tile.y[1] = second;
    if (tile.quads > 0)
        ea_conv2d_tile_run(&tile);
    if (left == 0)
        return;
    int8_t rest[EA_TILE_PIXELS][EA_TILE_CHANNELS];
    const size_t done = (size_t)(p->output_channels - left);
    tile.quads = 1;
    tile.y[0] = rest[0];
    tile.y[1] = rest[1];
    ea_conv2d_tile_run(&tile);
    memcpy(first + done, rest[0], (size_t)left);
    memcpy(second + done, rest[1], (size_t)left);
}

static void ea_conv2d_tiles_row_s8_dsp(
    const struct ea_conv2d_tiles_s8 *p, const int8_t *const rows[], int8_t *y, void *scratch)
{
    const int32_t blocks = ((p->kernel_width * p->input_channels + 3) >> 2) * p->kernel_height;
    const int32_t passes = (int32_t)((uint32_t)(blocks + EA_TILE_UNROLLED - 1) / EA_TILE_UNROLLED);
    const int32_t skipped = passes * EA_TILE_UNROLLED - blocks;
    const int32_t channels = p->output_channels;
    int16_t *const x = (int16_t *)scratch;
    int8_t *const copies = (int8_t *)scratch + blocks * EA_TILE_BLOCK_BYTES;
    struct ea_conv2d_tile tile = {x, p->weights, p->channels, {y, y}, 0, passes, 0, 0};
    tile.skipped = skipped * EA_TILE_BLOCK_BYTES;
    tile.skipped_code = skipped * EA_TILE_BLOCK_CODE_BYTES;
    for (int32_t column = 0; column < p->output_width; column += EA_TILE_PIXELS) {
        const int32_t next = column + 1 < p->output_width ? column + 1 : column; /* the last one twice */
        ea_conv2d_tiles_gather_s8_dsp(p, rows, column, next, x, copies);
        ea_conv2d_tiles_columns_s8_dsp(p, tile, y + column * channels, y + next * channels);
    }
    if (p->low > -128 || p->high < 127)
        for (int32_t i = 0; i < p->output_width * channels; i++)
            y[i] = (int8_t)ea_clamp(y[i], p->low, p->high);
}

#endif
