#ifndef EA_GATHER_H
#define EA_GATHER_H

#include "ea_language.h"
#include "ea_thumb.h"

#include <stdint.h>
#include <string.h>

#define EA_GATHER_SUMMED 128 /* words whose bytes add up in pairs of 16 bits */
#define EA_GATHER_ALL 0x80808080u

/* What lies under a filter, as far as it has been gathered. */
struct ea_gathered {
    uint8_t *to;
    uint32_t sum;
};

/* `count` bytes without a sign. */
EA_INLINE struct ea_gathered ea_gather_bytes(struct ea_gathered got, const int8_t *x, int32_t count)
{
    for (; count > 0; count--) {
        const uint8_t value = (uint8_t)((uint8_t)*x++ ^ 128u);
        got.sum += value;
        *got.to++ = value;
    }
    return got;
}

/* Four values without a sign, where x is a word, or need not be. */
EA_INLINE uint32_t ea_gather_four(const int8_t *x)
{
    uint32_t four;
#if EA_HAS_THUMB
    memcpy(&four, __builtin_assume_aligned(x, 4), 4);
#else
    memcpy(&four, x, 4);
#endif
    return four ^ EA_GATHER_ALL;
}

/* Two sums of 16 bits each. */
EA_INLINE uint32_t ea_gather_pairs(uint32_t four)
{
    return (four & 0x00ff00ffu) + ((four >> 8) & 0x00ff00ffu);
}

/* Words without a sign, EA_GATHER_SUMMED of them at most, where both sides are words, or need not be. */
EA_INLINE struct ea_gathered ea_gather_words(struct ea_gathered got, const int8_t *x, int32_t words)
{
    uint32_t pairs = 0;
    for (; words > 0; words--, x += 4, got.to += 4) {
        const uint32_t four = ea_gather_four(x);
#if EA_HAS_THUMB
        memcpy(__builtin_assume_aligned(got.to, 4), &four, 4);
#else
        memcpy(got.to, &four, 4);
#endif
        pairs += ea_gather_pairs(four);
    }
    got.sum += (pairs & 0xffffu) + (pairs >> 16);
    return got;
}

/* `count` values without a sign, and their sum. */
EA_INLINE struct ea_gathered ea_gather(struct ea_gathered got, const int8_t *x, int32_t count)
{
#if EA_HAS_THUMB
    if ((((uintptr_t)x | (uintptr_t)got.to) & 3u) != 0)
        return ea_gather_bytes(got, x, count);
#endif
    for (; count > EA_GATHER_SUMMED * 4; count -= EA_GATHER_SUMMED * 4, x += EA_GATHER_SUMMED * 4)
        got = ea_gather_words(got, x, EA_GATHER_SUMMED);
    got = ea_gather_words(got, x, count >> 2);
    return ea_gather_bytes(got, x + (count & ~3), count & 3);
}

/* `count` times one value without a sign. */
EA_INLINE struct ea_gathered ea_gather_same(struct ea_gathered got, uint32_t value, int32_t count)
{
    got.sum += value * (uint32_t)count;
    for (; count > 0; count--)
        *got.to++ = (uint8_t)value;
    return got;
}

#endif
