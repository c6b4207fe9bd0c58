#ifndef EA_SIGMOID_TABLE_S16_H
#define EA_SIGMOID_TABLE_S16_H

#include "ea_language.h"
#include "ea_logistic_tanh_s16.h"

#define EA_SIGMOID_LAST 255 /* from this entry on there is nothing to interpolate */

/* The input in steps of 1 / (3 * 4096), rounded. */
EA_INLINE int32_t ea_sigmoid_steps_s16(const struct ea_logistic_tanh_s16 *p, int32_t x)
{
    const int32_t half = p->shift > 0 ? (int32_t)(1u << (uint32_t)(p->shift - 1)) : 0;
    return (x * p->multiplier + half) >> p->shift;
}

/* sigmoid at a magnitude, each entry 2^bits steps after the one before; has 16 + bits bits. */
EA_INLINE int32_t ea_sigmoid_at_s16(const uint16_t *sigmoid, int32_t magnitude, int32_t bits)
{
    const int32_t entry = magnitude >> bits;
    const int32_t between = magnitude & ((1 << bits) - 1);
    const int32_t here = sigmoid[entry];
    return (here << bits) + between * (sigmoid[entry + 1] - here);
}

#endif
