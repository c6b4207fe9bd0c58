#ifndef EA_MUL_S8_C
#define EA_MUL_S8_C

#include "ea_language.h"
#include "ea_mul_s8.h"
#include "ea_requantise.h"

/* Numbers come by value: else a compiler reloads them after every store to y. */
EA_INLINE void ea_mul_run_s8_c(const struct ea_mul_s8 p, const int8_t *a, const int8_t *b, int8_t *y)
{
    const int32_t length = p.shape->length;
    const int32_t b_step = p.shape->b_step;
    for (int32_t i = 0; i < length; i++, b += b_step) {
        const int32_t product = (a[i] + p.a_offset) * (*b + p.b_offset);
        const int32_t scaled = ea_requantise_twice(product, p.multiplier, p.shift);
        y[i] = (int8_t)ea_clamp(ea_add(scaled, p.output_offset), p.low, p.high);
    }
}

static void ea_mul_s8_c(const struct ea_mul_s8 *p, const int8_t *a, const int8_t *b, int8_t *y)
{
    struct ea_broadcast_run run = ea_broadcast_first(a, b);
    for (int32_t i = 0; i < p->shape->runs; i++, y += p->shape->length) {
        ea_mul_run_s8_c(*p, run.a, run.b, y);
        ea_broadcast_next(p->shape, &run);
    }
}

#endif
