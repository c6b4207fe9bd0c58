#ifndef EA_FULLY_CONNECTED_BLOCKS_S8_C
#define EA_FULLY_CONNECTED_BLOCKS_S8_C

#include "ea_blocks.h"
#include "ea_fully_connected_block.h"
#include "ea_fully_connected_blocks_s8.h"
#include "ea_gather.h"
#include "ea_language.h"
#include "ea_requantise.h"

#include <string.h>

/* All units of one row, gathered; the last few of them make no whole quad. */
EA_INLINE void ea_fully_connected_blocks_units_s8_c(
    const struct ea_fully_connected_blocks_s8 *p, struct ea_block block, int8_t *y)
{
    const int32_t left = p->units & (EA_BLOCK_CHANNELS - 1);
    block.quads = p->units / EA_BLOCK_CHANNELS;
    block.y[0] = y;
    if (block.quads > 0)
        ea_fully_connected_block_run(&block);
    if (left == 0)
        return;
    int8_t rest[EA_BLOCK_CHANNELS];
    block.weights += block.quads * p->quad_words;
    block.scales += block.quads * p->scale_words;
    block.quads = 1;
    block.y[0] = rest;
    ea_fully_connected_block_run(&block);
    memcpy(y + (p->units - left), rest, (size_t)left);
}

static void ea_fully_connected_blocks_s8_c(
    const struct ea_fully_connected_blocks_s8 *p, const int8_t *x, int8_t *y, void *scratch)
{
    uint8_t *const gathered = (uint8_t *)scratch;
    const int32_t scale_bytes = 4 * p->scale_words;
    struct ea_block block = {{gathered, gathered}, p->depth, {0, 0}, p->weights, {y, y}, 0, p->addend, p->scales,
                             scale_bytes};
    for (int32_t row = 0; row < p->rows; row++) {
        const struct ea_gathered start = {gathered, 0};
        block.start[0] = ea_block_start(ea_gather(start, x + row * p->depth, p->depth).sum);
        ea_fully_connected_blocks_units_s8_c(p, block, y + row * p->units);
    }
    if (p->low > -128 || p->high < 127)
        for (int32_t i = 0; i < p->rows * p->units; i++)
            y[i] = (int8_t)ea_clamp(y[i], p->low, p->high);
}

#endif
