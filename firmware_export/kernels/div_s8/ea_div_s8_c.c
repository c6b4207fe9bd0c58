#ifndef EA_DIV_S8_C
#define EA_DIV_S8_C

#include "ea_div_s8.h"
#include "ea_language.h"
#include "ea_reciprocal.h"
#include "ea_requantise.h"

EA_INLINE int32_t ea_div_bits_s8_c(uint32_t x)
{
    int32_t bits = 0;
    for (; x != 0; x >>= 1)
        bits++;
    return bits;
}

EA_INLINE int32_t ea_div_by_zero_s8_c(int32_t dividend)
{
    return dividend > 0 ? 1 << 16 : dividend < 0 ? -(1 << 16) : 0;
}

EA_INLINE int32_t ea_div_scaled_s8_c(const struct ea_div_s8 *p, int32_t dividend, int32_t divisor)
{
    if (divisor == 0)
        return ea_div_by_zero_s8_c(dividend);
    const int32_t x = divisor < 0 ? -dividend : dividend;
    const uint32_t magnitude = (uint32_t)(divisor < 0 ? -divisor : divisor);
    const int32_t bits = ea_div_bits_s8_c(magnitude);
    const int32_t reciprocal = ea_reciprocal(magnitude << (32 - bits));
    const int32_t headroom = 31 - ea_div_bits_s8_c((uint32_t)(x < 0 ? -x - 1 : x));
    const int32_t quotient = ea_multiply_high(ea_shift_left(x, headroom), reciprocal);
    const int32_t right = headroom + bits - 1 - p->shift;
    return ea_divide_by_power_of_two(ea_multiply_high(quotient, p->multiplier), right);
}

EA_INLINE int8_t ea_div_one_s8_c(const struct ea_div_s8 *p, int32_t dividend, int32_t divisor)
{
    return (int8_t)ea_clamp(ea_div_scaled_s8_c(p, dividend, divisor) + p->output_offset, p->low, p->high);
}

/* Numbers come by value: else a compiler reloads them after every store to y. */
EA_INLINE void ea_div_run_s8_c(const struct ea_div_s8 p, const int8_t *a, const int8_t *b, int8_t *y)
{
    const int32_t length = p.shape->length;
    const int32_t b_step = p.shape->b_step;
    for (int32_t i = 0; i < length; i++, b += b_step) {
        const int32_t first = a[i] + p.a_offset;
        const int32_t second = *b + p.b_offset;
        y[i] = p.divides_by_a ? ea_div_one_s8_c(&p, second, first) : ea_div_one_s8_c(&p, first, second);
    }
}

static void ea_div_s8_c(const struct ea_div_s8 *p, const int8_t *a, const int8_t *b, int8_t *y)
{
    struct ea_broadcast_run run = ea_broadcast_first(a, b);
    for (int32_t i = 0; i < p->shape->runs; i++, y += p->shape->length) {
        ea_div_run_s8_c(*p, run.a, run.b, y);
        ea_broadcast_next(p->shape, &run);
    }
}

#endif
