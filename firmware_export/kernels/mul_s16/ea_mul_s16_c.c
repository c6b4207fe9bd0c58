#ifndef EA_MUL_S16_C
#define EA_MUL_S16_C

#include "ea_language.h"
#include "ea_mul_s16.h"
#include "ea_requantise.h"

/* Numbers come by value: else a compiler reloads them after every store to y. */
EA_INLINE void ea_mul_run_s16_c(const struct ea_mul_s16 p, const int16_t *a, const int16_t *b, int16_t *y)
{
    const int32_t length = p.shape->length;
    const int32_t b_step = p.shape->b_step;
    for (int32_t i = 0; i < length; i++, b += b_step) {
        const int32_t product = a[i] * *b;
        const int32_t scaled = ea_requantise_twice(product, p.multiplier, p.shift);
        y[i] = (int16_t)ea_clamp(scaled, p.low, p.high);
    }
}

static void ea_mul_s16_c(const struct ea_mul_s16 *p, const int16_t *a, const int16_t *b, int16_t *y)
{
    struct ea_broadcast_run_s16 run = ea_broadcast_first_s16(a, b);
    for (int32_t i = 0; i < p->shape->runs; i++, y += p->shape->length) {
        ea_mul_run_s16_c(*p, run.a, run.b, y);
        ea_broadcast_next_s16(p->shape, &run);
    }
}

#endif
