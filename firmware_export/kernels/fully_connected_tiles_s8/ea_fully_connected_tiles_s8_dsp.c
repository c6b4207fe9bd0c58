#ifndef EA_FULLY_CONNECTED_TILES_S8_DSP_C
#define EA_FULLY_CONNECTED_TILES_S8_DSP_C

#include "ea_fully_connected_tile.h"
#include "ea_fully_connected_tiles_s8.h"
#include "ea_language.h"
#include "ea_requantise.h"

#include <string.h>

/* All units of one row; the last few of them make no whole octet. */
EA_INLINE void ea_fully_connected_tiles_units_s8_dsp(
    const struct ea_fully_connected_tiles_s8 *p, struct ea_fully_connected_tile tile, int8_t *y)
{
    const int32_t left = p->units % EA_OCTET;
    tile.octets = p->units / EA_OCTET;
    tile.y = y;
    if (tile.octets > 0)
        ea_fully_connected_tile_run(&tile);
    if (left > 0) {
        int8_t rest[EA_OCTET];
        tile.octets = 1;
        tile.y = rest;
        ea_fully_connected_tile_run(&tile);
        memcpy(y + (p->units - left), rest, (size_t)left);
    }
}

/* What is the same for all rows: how the blocks behind the first one are passed through. */
EA_INLINE struct ea_fully_connected_tile ea_fully_connected_tiles_of_s8_dsp(
    const struct ea_fully_connected_tiles_s8 *p, const int8_t *x)
{
    const int32_t behind = (p->depth - 1) / EA_OCTET_BLOCK;
    const int32_t passes = behind > 0 ? (behind + EA_OCTET_UNROLLED - 1) / EA_OCTET_UNROLLED : 1;
    struct ea_fully_connected_tile tile;
    tile.x = x;
    tile.last = p->depth < EA_OCTET_BLOCK ? 0 : p->depth - EA_OCTET_BLOCK;
    tile.weights = p->weights;
    tile.channels = p->channels;
    tile.x_end = x + behind * EA_OCTET_BLOCK;
    tile.skipped_code = (passes * EA_OCTET_UNROLLED - behind) * EA_OCTET_BLOCK_CODE_BYTES;
    return tile;
}

static void ea_fully_connected_tiles_s8_dsp(const struct ea_fully_connected_tiles_s8 *p, const int8_t *x, int8_t *y)
{
    for (int32_t row = 0; row < p->rows; row++, x += p->depth) {
        int8_t few[EA_OCTET_BLOCK] = {0, 0, 0, 0};
        const int32_t missing = EA_OCTET_BLOCK - p->depth;
        if (missing > 0)
            memcpy(few + missing, x, (size_t)p->depth);
        ea_fully_connected_tiles_units_s8_dsp(
            p, ea_fully_connected_tiles_of_s8_dsp(p, missing > 0 ? few : x), y + row * p->units);
    }
    if (p->low > -128 || p->high < 127)
        for (int32_t i = 0; i < p->rows * p->units; i++)
            y[i] = (int8_t)ea_clamp(y[i], p->low, p->high);
}

#endif
