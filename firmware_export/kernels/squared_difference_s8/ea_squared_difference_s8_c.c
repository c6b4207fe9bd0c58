#ifndef EA_SQUARED_DIFFERENCE_S8_C
#define EA_SQUARED_DIFFERENCE_S8_C

#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_squared_difference_s8.h"

EA_INLINE int32_t ea_squared_difference_rescale_s8_c(int32_t x, int32_t multiplier, int32_t right_shift)
{
    return ea_divide_by_power_of_two(ea_multiply_high(x, multiplier), right_shift);
}

EA_INLINE int32_t ea_squared_difference_wide_b_s8_c(const struct ea_squared_difference_s8 *p, int32_t b)
{
    return ea_squared_difference_rescale_s8_c((b + p->b_offset) * (1 << 7), p->b_multiplier, p->b_right_shift);
}

EA_INLINE int8_t ea_squared_difference_one_s8_c(const struct ea_squared_difference_s8 *p, int32_t a, int32_t wide_b)
{
    const int32_t wide_a =
        ea_squared_difference_rescale_s8_c((a + p->a_offset) * (1 << 7), p->a_multiplier, p->a_right_shift);
    const int32_t square = (wide_a - wide_b) * (wide_a - wide_b);
    const int32_t scaled = ea_squared_difference_rescale_s8_c(square, p->output_multiplier, p->output_right_shift);
    return (int8_t)ea_clamp(scaled + p->output_offset, -128, 127);
}

/* Numbers come by value: else a compiler reloads them after every store to y. */
EA_INLINE void ea_squared_difference_run_s8_c(const struct ea_squared_difference_s8 p, const int8_t *a, const int8_t *b,
                                              int8_t *y)
{
    const int32_t length = p.shape->length;
    const int32_t b_step = p.shape->b_step;
    int32_t wide_b = ea_squared_difference_wide_b_s8_c(&p, *b);
    for (int32_t i = 0; i < length; i++) {
        if (b_step != 0)
            wide_b = ea_squared_difference_wide_b_s8_c(&p, b[i]);
        y[i] = ea_squared_difference_one_s8_c(&p, a[i], wide_b);
    }
}

static void ea_squared_difference_s8_c(const struct ea_squared_difference_s8 *p, const int8_t *a, const int8_t *b,
                                       int8_t *y)
{
    struct ea_broadcast_run run = ea_broadcast_first(a, b);
    for (int32_t i = 0; i < p->shape->runs; i++, y += p->shape->length) {
        ea_squared_difference_run_s8_c(*p, run.a, run.b, y);
        ea_broadcast_next(p->shape, &run);
    }
}

#endif
