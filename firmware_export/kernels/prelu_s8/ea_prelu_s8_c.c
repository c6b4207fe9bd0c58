#ifndef EA_PRELU_S8_C
#define EA_PRELU_S8_C

#include "ea_language.h"
#include "ea_prelu_s8.h"
#include "ea_requantise.h"

EA_INLINE int8_t ea_prelu_one_s8_c(const struct ea_prelu_s8 *p, int32_t x, int32_t alpha)
{
    const int32_t steps = x + p->x_offset;
    const int32_t scaled =
        steps >= 0 ? ea_requantise_twice(steps, p->multiplier, p->shift)
                   : ea_requantise_twice(steps * (alpha + p->alpha_offset), p->alpha_multiplier, p->alpha_shift);
    return (int8_t)ea_clamp(ea_add(scaled, p->output_offset), -128, 127);
}

/* Numbers come by value: else a compiler reloads them after every store to y. */
EA_INLINE void ea_prelu_run_s8_c(const struct ea_prelu_s8 p, const int8_t *x, const int8_t *alpha, int8_t *y)
{
    const int32_t length = p.shape->length;
    const int32_t alpha_step = p.shape->b_step;
    for (int32_t i = 0; i < length; i++, alpha += alpha_step)
        y[i] = ea_prelu_one_s8_c(&p, x[i], *alpha);
}

static void ea_prelu_s8_c(const struct ea_prelu_s8 *p, const int8_t *x, const int8_t *alpha, int8_t *y)
{
    struct ea_broadcast_run run = ea_broadcast_first(x, alpha);
    for (int32_t i = 0; i < p->shape->runs; i++, y += p->shape->length) {
        ea_prelu_run_s8_c(*p, run.a, run.b, y);
        ea_broadcast_next(p->shape, &run);
    }
}

#endif
