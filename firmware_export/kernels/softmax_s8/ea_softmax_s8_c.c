#ifndef EA_SOFTMAX_S8_C
#define EA_SOFTMAX_S8_C

#include <string.h>

#include "ea_language.h"
#include "ea_reciprocal.h"
#include "ea_requantise.h"
#include "ea_softmax_s8.h"

EA_INLINE int32_t ea_softmax_exponential_s8(const struct ea_softmax_s8 *p, int32_t difference)
{
    return difference < p->differences ? p->exponentials[difference] : 0;
}

EA_INLINE int32_t ea_softmax_max_s8_c(const int8_t *x, int32_t depth)
{
    int32_t highest = x[0];
    for (int32_t i = 1; i < depth; i++)
        highest = x[i] > highest ? x[i] : highest;
    return highest;
}

/* Q12.19, held at 512 once it is there. */
EA_INLINE uint32_t ea_softmax_sum_s8_c(const struct ea_softmax_s8 *p, const int8_t *x, int32_t highest)
{
    const uint32_t limit = 512u << 19;
    uint32_t sum = 0;
    for (int32_t i = 0; i < p->depth && sum < limit; i++)
        sum += ((uint32_t)ea_softmax_exponential_s8(p, highest - x[i]) + (1u << 11)) >> 12;
    return sum < limit ? sum : limit;
}

EA_INLINE void ea_softmax_row_s8_c(const struct ea_softmax_s8 *p, const int8_t *x, int8_t *y)
{
    const int32_t highest = ea_softmax_max_s8_c(x, p->depth);
    uint32_t normalised = ea_softmax_sum_s8_c(p, x, highest);
    int32_t shift = 35;
    for (; normalised < 0x80000000u; normalised <<= 1)
        shift--;
    if (shift > 31) {
        memset(y, -128, (size_t)p->depth);
        return;
    }
    const int32_t reciprocal = ea_reciprocal(normalised);
    const uint32_t half = 1u << (shift - 1);
    for (int32_t i = 0; i < p->depth; i++) {
        const int32_t exponential = ea_softmax_exponential_s8(p, highest - x[i]);
        const uint32_t steps = ((uint32_t)ea_multiply_high(exponential, reciprocal) + half) >> shift;
        y[i] = (int8_t)(steps < 255u ? (int32_t)steps - 128 : 127);
    }
}

static void ea_softmax_s8_c(const struct ea_softmax_s8 *p, const int8_t *x, int8_t *y)
{
    for (int32_t row = 0; row < p->rows; row++, x += p->depth, y += p->depth)
        ea_softmax_row_s8_c(p, x, y);
}

#endif
