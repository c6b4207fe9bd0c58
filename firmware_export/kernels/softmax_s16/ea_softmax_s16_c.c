#ifndef EA_SOFTMAX_S16_C
#define EA_SOFTMAX_S16_C

#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_softmax_s16.h"
#include "ea_sum_s16.h"

/* A function over int16, interpolated between entries 128 apart. */
EA_INLINE int32_t ea_softmax_interpolate_s16_c(const int16_t *table, int32_t x)
{
    const int32_t entry = 256 + (x >> 7);
    const int32_t slope = table[entry + 1] - table[entry];
    return table[entry] + ((slope * (x & 127) + 64) >> 7);
}

EA_INLINE int32_t ea_softmax_maximum_s16_c(const int16_t *x, int32_t depth)
{
    int32_t maximum = x[0];
    for (int32_t i = 1; i < depth; i++)
        maximum = x[i] > maximum ? x[i] : maximum;
    return maximum;
}

/* y = exp of each difference; returns their sum. */
EA_INLINE int32_t ea_softmax_exponentials_s16_c(const struct ea_softmax_s16 *p, const int16_t *x, int16_t *y)
{
    const int32_t maximum = ea_softmax_maximum_s16_c(x, p->depth);
    int32_t sum = 0;
    for (int32_t i = 0; i < p->depth; i++) {
        const int32_t scaled = ea_requantise_twice(x[i] - maximum, p->multiplier, p->shift);
        const int32_t at = ea_clamp(ea_add(scaled, 32767), -32768, 32767);
        y[i] = (int16_t)ea_softmax_interpolate_s16_c(p->exponential, at);
        sum += y[i];
    }
    return sum;
}

static void ea_softmax_s16_c(const struct ea_softmax_s16 *p, const int16_t *x, int16_t *y)
{
    for (int32_t row = 0; row < p->rows; row++, x += p->depth, y += p->depth) {
        const int32_t sum = ea_softmax_exponentials_s16_c(p, x, y);
        const int32_t bits = ea_bits((uint64_t)sum);
        const int32_t mantissa = (int32_t)((((int64_t)sum << (31 - bits)) + (1 << 13)) >> 14); /* sum / 2^bits, Q1.16 */
        const int32_t at = ea_clamp(mantissa - (1 << 15) - (1 << 16), -32768, 32767);
        const int32_t reciprocal = ea_softmax_interpolate_s16_c(p->reciprocal, at);
        const int32_t right = bits - 1;
        for (int32_t i = 0; i < p->depth; i++) {
            const int64_t product = (int64_t)y[i] * reciprocal + ((int64_t)1 << (right - 1));
            y[i] = (int16_t)ea_clamp((int32_t)(product >> right), 0, 32767);
        }
    }
}

#endif
