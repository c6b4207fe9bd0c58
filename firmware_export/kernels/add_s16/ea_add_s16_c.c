#ifndef EA_ADD_S16_C
#define EA_ADD_S16_C

#include "ea_add_s16.h"
#include "ea_language.h"
#include "ea_requantise.h"

EA_INLINE int32_t ea_add_rescale_s16_c(int32_t x, int32_t multiplier, int32_t right_shift)
{
    return ea_divide_by_power_of_two(ea_multiply_high(x, multiplier), right_shift);
}

EA_INLINE int32_t ea_add_wide_a_s16_c(const struct ea_add_s16 *p, int32_t a)
{
    return p->a_sign * ea_add_rescale_s16_c(a * (1 << 15), p->a_multiplier, p->a_right_shift);
}

EA_INLINE int32_t ea_add_wide_b_s16_c(const struct ea_add_s16 *p, int32_t b)
{
    return p->b_sign * ea_add_rescale_s16_c(b * (1 << 15), p->b_multiplier, p->b_right_shift);
}

/* Numbers come by value: else a compiler reloads them after every store to y. */
EA_INLINE void ea_add_run_s16_c(const struct ea_add_s16 p, const int16_t *a, const int16_t *b, int16_t *y)
{
    const int32_t length = p.shape->length;
    const int32_t b_step = p.shape->b_step;
    int32_t wide_b = ea_add_wide_b_s16_c(&p, *b);
    for (int32_t i = 0; i < length; i++) {
        if (b_step != 0)
            wide_b = ea_add_wide_b_s16_c(&p, b[i]);
        const int32_t sum = ea_add_wide_a_s16_c(&p, a[i]) + wide_b;
        const int32_t scaled = ea_add_rescale_s16_c(sum, p.output_multiplier, p.output_right_shift);
        y[i] = (int16_t)ea_clamp(scaled, p.low, p.high);
    }
}

static void ea_add_s16_c(const struct ea_add_s16 *p, const int16_t *a, const int16_t *b, int16_t *y)
{
    struct ea_broadcast_run_s16 run = ea_broadcast_first_s16(a, b);
    for (int32_t i = 0; i < p->shape->runs; i++, y += p->shape->length) {
        ea_add_run_s16_c(*p, run.a, run.b, y);
        ea_broadcast_next_s16(p->shape, &run);
    }
}

#endif
