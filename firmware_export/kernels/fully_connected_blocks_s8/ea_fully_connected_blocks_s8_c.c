#ifndef EA_FULLY_CONNECTED_BLOCKS_S8_C
#define EA_FULLY_CONNECTED_BLOCKS_S8_C

#include "ea_blocks.h"
#include "ea_fully_connected_block.h"
#include "ea_fully_connected_blocks_s8.h"
#include "ea_gather.h"
#include "ea_language.h"
#include "ea_requantise.h"

#include <string.h>

/* The sum of a row. */
EA_INLINE int32_t ea_fully_connected_blocks_sum_s8_c(const int8_t *x, int32_t count)
{
    int32_t sum = 0;
#if EA_HAS_THUMB
    const int32_t are_words = ((uintptr_t)x & 3u) == 0;
#else
    const int32_t are_words = 1;
#endif
    while (are_words && count >= 4) {
        const int32_t words = count < 4 * EA_GATHER_SUMMED ? count >> 2 : EA_GATHER_SUMMED;
        uint32_t pairs = 0;
        for (int32_t left = words; left > 0; left--, x += 4)
            pairs += ea_gather_pairs(ea_gather_four(x));
        sum += (int32_t)((pairs & 0xffffu) + (pairs >> 16)) - 4 * 128 * words;
        count -= 4 * words;
    }
    for (; count > 0; count--)
        sum += *x++;
    return sum;
}

/* All units of one row; the last few of them make no whole quad. */
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

static void ea_fully_connected_blocks_s8_c(const struct ea_fully_connected_blocks_s8 *p, const int8_t *x, int8_t *y)
{
    for (int32_t row = 0; row < p->rows; row++, x += p->depth) {
        const uint8_t *const bytes = (const uint8_t *)x;
        const int32_t start = -128 * ea_fully_connected_blocks_sum_s8_c(x, p->depth);
        const struct ea_block block = {{bytes, bytes}, p->depth,  {start, 0},        p->weights, {y, y}, 0,
                                       p->addend,      p->scales, 4 * p->scale_words};
        ea_fully_connected_blocks_units_s8_c(p, block, y + row * p->units);
    }
    if (p->low > -128 || p->high < 127)
        for (int32_t i = 0; i < p->rows * p->units; i++)
            y[i] = (int8_t)ea_clamp(y[i], p->low, p->high);
}

#endif
