#ifndef EA_BLOCKS_H
#define EA_BLOCKS_H

#include "ea_blocks_thumb.h"
#include "ea_blocks_thumb2.h"
#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_thumb.h"

#include <stdint.h>

#define EA_BLOCK_CHANNELS 4

/* One or two pixels, or a row, under the filters of some quads, at least one. x: of a convolution without a sign, 128
 * larger; a row is int8 as it is. A quad's weights are [count] words, of channels 2, 3, 1, 0 from the lowest byte on, 128
 * larger. Behind them stand, of a convolution: one byte of each channel, its shift to the right less one, and [4]{bias, multiplier};
 * of a fully connected layer: [4] biases, and its scales are a word of shifts and [4] multipliers.
 * The assembly knows the order of the fields. */
struct ea_block {
    const uint8_t *x[2];
    int32_t count;    /* of x under a filter */
    int32_t start[2]; /* -128 * the sum of x */
    const uint32_t *weights;
    int8_t *y[2];
    int32_t quads;
    int32_t addend;         /* twice the output's zero point, and 1 */
    const uint32_t *scales; /* of the first quad */
    int32_t scale_bytes;    /* from one quad's to the next one's */
};

/* Where a sum starts, for what was gathered. */
EA_INLINE int32_t ea_block_start(uint32_t sum)
{
    return ea_wrap(0u - sum * 128u);
}

#if !EA_HAS_THUMB && !EA_HAS_THUMB2

/* The weight of one channel of a quad, 128 larger. */
EA_INLINE int32_t ea_block_weight(uint32_t weights, int32_t channel)
{
    static const uint8_t bits[EA_BLOCK_CHANNELS] = {24, 16, 0, 8};
    return (int32_t)(weights >> bits[channel] & 255u);
}

/* The upper half of a product, rounded or not, as an output. rights: of a quad. */
EA_INLINE int8_t ea_block_output(const struct ea_block *block, uint32_t rights, int32_t channel, int64_t upper)
{
    const uint32_t right = rights >> (8 * channel) & 255u;
    const int32_t addend = ea_shift_left(block->addend, (int32_t)right);
    return (int8_t)ea_clamp(((int32_t)upper + addend) >> right >> 1, -128, 127);
}

#endif

#endif
