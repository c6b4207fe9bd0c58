#ifndef EA_ADD_S8_C
#define EA_ADD_S8_C

#include "ea_add_s8.h"
#include "ea_language.h"
#include "ea_requantise.h"

EA_INLINE int32_t ea_add_rescale_s8_c(int32_t x, int32_t multiplier, int32_t right_shift)
{
    return ea_divide_by_power_of_two(ea_multiply_high(x, multiplier), right_shift);
}

EA_INLINE int32_t ea_add_wide_a_s8_c(const struct ea_add_s8 *p, int32_t a)
{
    return p->a_sign * ea_add_rescale_s8_c((a + p->a_offset) * (1 << 20), p->a_multiplier, p->a_right_shift);
}

EA_INLINE int32_t ea_add_wide_b_s8_c(const struct ea_add_s8 *p, int32_t b)
{
    return p->b_sign * ea_add_rescale_s8_c((b + p->b_offset) * (1 << 20), p->b_multiplier, p->b_right_shift);
}

/* Numbers come by value: else a compiler reloads them after every store to y. */
EA_INLINE void ea_add_run_s8_c(const struct ea_add_s8 p, const int8_t *a, const int8_t *b, int8_t *y)
{
    const int32_t length = p.shape->length;
    const int32_t b_step = p.shape->b_step;
    int32_t wide_b = ea_add_wide_b_s8_c(&p, *b);
    for (int32_t i = 0; i < length; i++) {
        if (b_step != 0)
            wide_b = ea_add_wide_b_s8_c(&p, b[i]);
        const int32_t sum = ea_add_wide_a_s8_c(&p, a[i]) + wide_b;
        const int32_t scaled = ea_add_rescale_s8_c(sum, p.output_multiplier, p.output_right_shift);
        y[i] = (int8_t)ea_clamp(scaled + p.output_offset, p.low, p.high);
    }
}

static void ea_add_s8_c(const struct ea_add_s8 *p, const int8_t *a, const int8_t *b, int8_t *y)
{
    struct ea_broadcast_run run = ea_broadcast_first(a, b);
    for (int32_t i = 0; i < p->shape->runs; i++, y += p->shape->length) {
        ea_add_run_s8_c(*p, run.a, run.b, y);
        ea_broadcast_next(p->shape, &run);
    }
}

#endif
