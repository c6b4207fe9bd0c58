#ifndef EA_REQUANTISE_H
#define EA_REQUANTISE_H

#include "ea_language.h"

#include <stdint.h>

/* An int32 from its bits, without overflow: x86, Arm and every compiler we know wrap. */
EA_INLINE int32_t ea_wrap(uint32_t bits)
{
    return bits <= 0x7fffffffu ? (int32_t)bits : -(int32_t)(0xffffffffu - bits) - 1;
}

/* a + b, a * b and a << shift modulo 2^32, as the reference kernels' machine code computes them. */
EA_INLINE int32_t ea_add(int32_t a, int32_t b)
{
    return ea_wrap((uint32_t)a + (uint32_t)b);
}

EA_INLINE int32_t ea_multiply(int32_t a, int32_t b)
{
    return ea_wrap((uint32_t)a * (uint32_t)b);
}

EA_INLINE int32_t ea_shift_left(int32_t a, int32_t shift)
{
    return ea_wrap((uint32_t)a << (uint32_t)shift);
}

/* a / 2^shift rounded to nearest, halves away from zero. shift: 0 to 31. */
EA_INLINE int32_t ea_divide_by_power_of_two(int32_t a, int32_t shift)
{
    const int32_t mask = (int32_t)((1u << (uint32_t)shift) - 1u);
    const int32_t threshold = (mask >> 1) + (a < 0 ? 1 : 0);
    return (a >> shift) + ((a & mask) > threshold ? 1 : 0);
}

/* a * multiplier / 2^31 rounded to nearest, halves up. multiplier: not negative. */
EA_INLINE int32_t ea_multiply_high(int32_t a, int32_t multiplier)
{
    return (int32_t)(((int64_t)a * multiplier + ((int64_t)1 << 30)) >> 31);
}

/* a * multiplier * 2^(shift - 31), rounded twice: after the multiplication and after the shift to the right. */
EA_INLINE int32_t ea_requantise_twice(int32_t a, int32_t multiplier, int32_t shift)
{
    const int32_t left = shift > 0 ? shift : 0;
    const int32_t right = shift > 0 ? 0 : -shift;
    return ea_divide_by_power_of_two(ea_multiply_high(ea_shift_left(a, left), multiplier), right);
}

/* a * multiplier / 2^right rounded once to nearest, halves away from zero. |a| * multiplier: below 2^62; the result: int32.
 * right: 1 to 62. */
EA_INLINE int32_t ea_requantise_once(int32_t a, int64_t multiplier, int32_t right)
{
    const int64_t magnitude = a < 0 ? -(int64_t)a : a;
    const int64_t rounded = (magnitude * multiplier + ((int64_t)1 << (right - 1))) >> right;
    return (int32_t)(a < 0 ? -rounded : rounded);
}

EA_INLINE int32_t ea_clamp(int32_t a, int32_t low, int32_t high)
{
    return a < low ? low : a > high ? high : a;
}

#endif
