#ifndef EA_ADD_ALIKE_ONE_H
#define EA_ADD_ALIKE_ONE_H

#include "ea_add_alike_s8.h"
#include "ea_language.h"

#include <stdint.h>

EA_INLINE int32_t ea_add_alike_high(int32_t x, int32_t multiplier, int32_t addend, int32_t right)
{
    const int32_t high = (int32_t)(((int64_t)x * multiplier + ((int64_t)1 << 31)) >> 32);
    return (high + addend + (x >> 31)) >> right;
}

/* One sum, before it is clamped. */
EA_INLINE int32_t ea_add_alike_one(const struct ea_add_alike_s8 *p, int32_t a, int32_t b)
{
    const int32_t of_b = ea_add_alike_high(b * (1 << 21) + p->b_offset, p->b_multiplier, p->b_half, p->b_right);
    const int32_t sum = a * (1 << 20) + p->a_offset + 2 * of_b;
    return ea_add_alike_high(sum, p->output_multiplier, p->output_addend, p->output_right);
}

#endif
