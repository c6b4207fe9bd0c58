#ifndef EA_CONV2D_TILES_ROW_S8_DSP_C
#define EA_CONV2D_TILES_ROW_S8_DSP_C

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

/* The values under a kernel row of one pixel, copied, with the zero point for what lies outside the row. start: the input
 * column under kernel column 0. */
EA_INLINE void ea_conv2d_tiles_copy_s8_dsp(
    const struct ea_conv2d_tiles_s8 *p, const int8_t *row, int32_t start, int8_t *copy)
{
    const int32_t channels = p->input_channels, end = p->kernel_width * p->dilation;
    int32_t k = 0;
    for (; k < end && start + k < 0; k += p->dilation, copy += channels)
        ea_conv2d_tiles_fill_s8_dsp(copy, p->input_zero_point, channels);
    for (; k < end && start + k < p->input_width; k += p->dilation, copy += channels)
        ea_conv2d_tiles_move_s8_dsp(copy, row + (start + k) * channels, channels);
    for (; k < end; k += p->dilation, copy += channels)
        ea_conv2d_tiles_fill_s8_dsp(copy, p->input_zero_point, channels);
}

/* What lies under the filters at two output columns; a, b: the input columns under their kernel column 0. */
EA_INLINE void ea_conv2d_tiles_gather_s8_dsp(
    const struct ea_conv2d_tiles_s8 *p, const int8_t *const rows[], int32_t a, int32_t b, int16_t *x)
{
    const int32_t count = p->kernel_width * p->input_channels;
    const int32_t halves = ((count + 3) >> 2) * EA_TILE_BLOCK_HALVES;
    int8_t *const of_a = (int8_t *)(x + halves * p->kernel_height), *const of_b = a == b ? of_a : of_a + count;
    for (int32_t k = 0; k < p->kernel_height; k++, x += halves) {
        ea_conv2d_tiles_copy_s8_dsp(p, rows[k], a, of_a);
        if (a != b)
            ea_conv2d_tiles_copy_s8_dsp(p, rows[k], b, of_b);
        ea_conv2d_tiles_pair_s8_dsp(of_a, of_b, count, x);
    }
}

/* The same where both lie inside the rows, and side by side in them. of_a, of_b: where, in bytes. */
EA_INLINE void ea_conv2d_tiles_gather_inside_s8_dsp(
    const int8_t *const rows[], int32_t height, int32_t count, int32_t of_a, int32_t of_b, int16_t *x)
{
    const int32_t halves = ((count + 3) >> 2) * EA_TILE_BLOCK_HALVES;
    for (int32_t k = 0; k < height; k++, x += halves)
        ea_conv2d_tiles_pair_s8_dsp(rows[k] + of_a, rows[k] + of_b, count, x);
}

/* The filters over what was gathered: outputs of two columns. The last few channels make no whole quad. */
EA_INLINE void ea_conv2d_tiles_filters_s8_dsp(
    const struct ea_conv2d_tiles_s8 *p, struct ea_conv2d_tile *tile, int8_t *first, int8_t *second)
{
    const int32_t left = p->output_channels % EA_TILE_CHANNELS, done = p->output_channels - left;
    tile->weights = p->weights;
    tile->y[0] = first;
    tile->y[1] = second;
    tile->end = first + done;
    if (done > 0)
        ea_conv2d_tile_run(tile);
    if (left == 0)
        return;
    int8_t rest[EA_TILE_PIXELS][EA_TILE_CHANNELS];
    tile->weights = p->weights + done / EA_TILE_CHANNELS * p->quad_halves;
    tile->y[0] = rest[0];
    tile->y[1] = rest[1];
    tile->end = rest[0] + EA_TILE_CHANNELS;
    ea_conv2d_tile_run(tile);
    memcpy(first + done, rest[0], (size_t)left);
    memcpy(second + done, rest[1], (size_t)left);
}

/* What is the same for all tiles: how the blocks under a filter are passed through. */
EA_INLINE struct ea_conv2d_tile ea_conv2d_tiles_of_s8_dsp(const struct ea_conv2d_tiles_s8 *p, const int16_t *x)
{
    const int32_t run = (p->kernel_width * p->input_channels + 3) >> 2;
    const int32_t behind = run * p->kernel_height - 1; /* blocks behind the first */
    const int32_t passes = behind > 0 ? (behind + EA_TILE_UNROLLED - 1) >> EA_TILE_UNROLLED_BITS : 1;
    const int32_t skipped = passes * EA_TILE_UNROLLED - behind;
    struct ea_conv2d_tile tile = {x, p->weights, {NULL, NULL}, NULL, passes, 0, 0};
    tile.ahead = (1 - skipped) * EA_TILE_BLOCK_BYTES;
    tile.skipped_code = skipped * EA_TILE_BLOCK_CODE_BYTES;
    return tile;
}

static void ea_conv2d_tiles_row_s8_dsp(
    const struct ea_conv2d_tiles_s8 *p, const int8_t *const rows[], int8_t *y, void *scratch)
{
    const int32_t channels = p->output_channels, dense = p->dilation == 1 || p->kernel_width == 1;
    const int32_t depth = p->input_channels, height = p->kernel_height, count = p->kernel_width * depth;
    int16_t *const x = (int16_t *)scratch;
    struct ea_conv2d_tile tile = ea_conv2d_tiles_of_s8_dsp(p, x);
    for (int32_t column = 0; column < p->output_width; column += EA_TILE_PIXELS) {
        const int32_t next = column + 1 < p->output_width ? column + 1 : column; /* the last one twice */
        const int32_t a = column * p->stride - p->padding, b = next * p->stride - p->padding;
        if (dense && a >= 0 && b + p->kernel_width <= p->input_width)
            ea_conv2d_tiles_gather_inside_s8_dsp(rows, height, count, a * depth, b * depth, x);
        else
            ea_conv2d_tiles_gather_s8_dsp(p, rows, a, b, x);
        ea_conv2d_tiles_filters_s8_dsp(p, &tile, y + column * channels, y + next * channels);
    }
    if (p->low > -128 || p->high < 127)
        for (int32_t i = 0; i < p->output_width * channels; i++)
            y[i] = (int8_t)ea_clamp(y[i], p->low, p->high);
}

#endif
