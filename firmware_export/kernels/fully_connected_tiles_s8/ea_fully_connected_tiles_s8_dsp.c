#ifndef EA_FULLY_CONNECTED_TILES_S8_DSP_C
#define EA_FULLY_CONNECTED_TILES_S8_DSP_C

#include "ea_dsp.h"
#include "ea_fully_connected_tile.h"
#include "ea_fully_connected_tiles_s8.h"
#include "ea_language.h"
#include "ea_requantise.h"

#include <string.h>

/* A row widened in the order of the pairs; zeros fill the last block up. */
EA_INLINE void ea_fully_connected_tiles_widen_s8_dsp(const int8_t *x, int32_t depth, void *scratch)
{
    uint32_t *to = (uint32_t *)scratch;
    for (int32_t block = depth >> 2; block > 0; block--, x += 4) {
        const uint32_t four = ea_word_at(x);
        *to++ = ea_even_bytes(four);
        *to++ = ea_odd_bytes(four);
    }
    if ((depth & 3) == 0)
        return;
    int8_t last[4] = {0, 0, 0, 0};
    memcpy(last, x, (size_t)(depth & 3));
    to[0] = ea_even_bytes(ea_word_at(last));
    to[1] = ea_odd_bytes(ea_word_at(last));
}

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

static void ea_fully_connected_tiles_s8_dsp(
    const struct ea_fully_connected_tiles_s8 *p, const int8_t *x, int8_t *y, void *scratch)
{
    const int32_t blocks = (p->depth + 3) / 4;
    const int32_t passes = (blocks + EA_OCTET_UNROLLED - 1) / EA_OCTET_UNROLLED;
    struct ea_fully_connected_tile tile = {(const int16_t *)scratch, p->weights, p->channels, y, 0, passes, blocks, 0};
    tile.skipped_code = (passes * EA_OCTET_UNROLLED - blocks) * EA_OCTET_BLOCK_CODE_BYTES;
    for (int32_t row = 0; row < p->rows; row++) {
        ea_fully_connected_tiles_widen_s8_dsp(x + row * p->depth, p->depth, scratch);
        ea_fully_connected_tiles_units_s8_dsp(p, tile, y + row * p->units);
    }
    if (p->low > -128 || p->high < 127)
        for (int32_t i = 0; i < p->rows * p->units; i++)
            y[i] = (int8_t)ea_clamp(y[i], p->low, p->high);
}

#endif
