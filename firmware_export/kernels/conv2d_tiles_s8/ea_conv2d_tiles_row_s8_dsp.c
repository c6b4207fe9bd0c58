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
 * with the zero point for what lies outside it. */
EA_INLINE const int8_t *ea_conv2d_tiles_run_s8_dsp(
    const struct ea_conv2d_tiles_s8 *p, const int8_t *row, int32_t start, int8_t *copy)
{
    const int32_t channels = p->input_channels;
    if (p->dilation == 1 && start >= 0 && start + p->kernel_width <= p->input_width)
        return row + start * channels;
    const struct ea_columns inside = ea_columns_inside(start, p->dilation, p->kernel_width, p->input_width);
    const int32_t once = p->dilation == 1 && inside.count > 0 ? inside.count : 1; /* columns that lie side by side */
    const int8_t *x = row + inside.column * channels;
    int8_t *to = copy + inside.first * channels;
    if (inside.count < p->kernel_width)
        memset(copy, p->input_zero_point, (size_t)(p->kernel_width * channels));
    for (int32_t k = 0; k < inside.count; k += once, x += p->dilation * channels, to += channels)
        memcpy(to, x, (size_t)(once * channels));
    return copy;
}

/* What lies under the filters at two output columns; a, b: the input columns under their kernel column 0. */
EA_INLINE void ea_conv2d_tiles_gather_s8_dsp(
    const struct ea_conv2d_tiles_s8 *p, const int8_t *const rows[], int32_t a, int32_t b, int16_t *x)
{
    const int32_t count = p->kernel_width * p->input_channels;
    const int32_t halves = ((count + 3) >> 2) * EA_TILE_BLOCK_HALVES;
    int8_t *const copies = (int8_t *)(x + halves * p->kernel_height);
    for (int32_t k = 0; k < p->kernel_height; k++, x += halves) {
        const int8_t *const of_a = ea_conv2d_tiles_run_s8_dsp(p, rows[k], a, copies);
        const int8_t *const of_b = ea_conv2d_tiles_run_s8_dsp(p, rows[k], b, copies + count);
        ea_conv2d_tiles_pair_s8_dsp(of_a, of_b, count, x);
    }
}

/* The same where both lie inside the rows, and side by side in them. */
EA_INLINE void ea_conv2d_tiles_gather_inside_s8_dsp(
    const struct ea_conv2d_tiles_s8 *p, const int8_t *const rows[], int32_t a, int32_t b, int16_t *x)
{
    const int32_t count = p->kernel_width * p->input_channels;
    const int32_t halves = ((count + 3) >> 2) * EA_TILE_BLOCK_HALVES;
    const int32_t of_a = a * p->input_channels, of_b = b * p->input_channels;
    for (int32_t k = 0; k < p->kernel_height; k++, x += halves)
        ea_conv2d_tiles_pair_s8_dsp(rows[k] + of_a, rows[k] + of_b, count, x);
}

/* The last few channels make no whole quad. */
EA_INLINE void ea_conv2d_tiles_rest_s8_dsp(struct ea_conv2d_tile *tile, int32_t left, int8_t *first, int8_t *second)
{
    int8_t rest[EA_TILE_PIXELS][EA_TILE_CHANNELS];
    tile->y[0] = rest[0];
    tile->y[1] = rest[1];
    tile->quads = 1;
    ea_conv2d_tile_run(tile);
    memcpy(first, rest[0], (size_t)left);
    memcpy(second, rest[1], (size_t)left);
}

/* The filters over what was gathered: outputs of two columns. */
EA_INLINE void ea_conv2d_tiles_filters_s8_dsp(
    const struct ea_conv2d_tiles_s8 *p, struct ea_conv2d_tile *tile, const int16_t *x, int8_t *first, int8_t *second)
{
    const int32_t left = p->output_channels % EA_TILE_CHANNELS, done = p->output_channels - left;
    tile->x = x;
    tile->weights = p->weights;
    tile->channels = p->channels;
    tile->y[0] = first;
    tile->y[1] = second;
    tile->quads = p->output_channels / EA_TILE_CHANNELS;
    if (tile->quads > 0)
        ea_conv2d_tile_run(tile);
    tile->x = x;
    if (left > 0)
        ea_conv2d_tiles_rest_s8_dsp(tile, left, first + done, second + done);
}

/* What is the same for all tiles: how the blocks under a filter are passed through. */
EA_INLINE struct ea_conv2d_tile ea_conv2d_tiles_of_s8_dsp(const struct ea_conv2d_tiles_s8 *p)
{
    const int32_t run = (p->kernel_width * p->input_channels + 3) >> 2;
    const int32_t behind = run * p->kernel_height - 1; /* blocks behind the first */
    const int32_t passes = behind > 0 ? (behind + EA_TILE_UNROLLED - 1) >> EA_TILE_UNROLLED_BITS : 1;
    const int32_t skipped = passes * EA_TILE_UNROLLED - behind;
    struct ea_conv2d_tile tile = {NULL, NULL, NULL, {NULL, NULL}, 0, passes, 0, 0};
    tile.skipped = skipped * EA_TILE_BLOCK_BYTES;
    tile.skipped_code = skipped * EA_TILE_BLOCK_CODE_BYTES;
    return tile;
}

static void ea_conv2d_tiles_row_s8_dsp(
    const struct ea_conv2d_tiles_s8 *p, const int8_t *const rows[], int8_t *y, void *scratch)
{
    struct ea_conv2d_tile tile = ea_conv2d_tiles_of_s8_dsp(p);
    const int32_t channels = p->output_channels, dense = p->dilation == 1 || p->kernel_width == 1;
    int16_t *const x = (int16_t *)scratch;
    for (int32_t column = 0; column < p->output_width; column += EA_TILE_PIXELS) {
        const int32_t next = column + 1 < p->output_width ? column + 1 : column; /* the last one twice */
        const int32_t a = column * p->stride - p->padding, b = next * p->stride - p->padding;
        if (dense && a >= 0 && b + p->kernel_width <= p->input_width)
            ea_conv2d_tiles_gather_inside_s8_dsp(p, rows, a, b, x);
        else
            ea_conv2d_tiles_gather_s8_dsp(p, rows, a, b, x);
        ea_conv2d_tiles_filters_s8_dsp(p, &tile, x, y + column * channels, y + next * channels);
    }
    if (p->low > -128 || p->high < 127)
        for (int32_t i = 0; i < p->output_width * channels; i++)
            y[i] = (int8_t)ea_clamp(y[i], p->low, p->high);
}

#endif
