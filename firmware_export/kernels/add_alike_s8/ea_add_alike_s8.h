#ifndef EA_ADD_ALIKE_S8_H
#define EA_ADD_ALIKE_S8_H

#include <stdint.h>

#include "ea_dsp.h"

/* The same function as ea_add_s8, for ADD of two inputs of one shape, of which `a` has the larger scale: its rescaling is a
 * shift, without rounding. With all of it doubled,
 * y = clamp((high(sum * output_multiplier) + (sum < 0 ? -1 : 0) + output_addend) >> output_right, low, high),
 * sum = a * 2^20 + a_offset + 2 * ((high(wide * b_multiplier) + (wide < 0 ? -1 : 0) + b_half) >> b_right),
 * wide = b * 2^21 + b_offset, high(product) = (product + 2^31) / 2^32 rounded down: both shifts round halves away from zero.
 * b_half = 2^(b_right - 1); output_addend = 2^(output_right - 1) + output_offset * 2^output_right; rights: 1 to 31 and 1 to
 * 22. Offsets are shifted as their inputs are. Nothing needs alignment. y may be an input. */
struct ea_add_alike_s8 {
    int32_t count;
    int32_t b_offset;
    int32_t b_multiplier;
    int32_t b_half;
    int32_t b_right;
    int32_t a_offset;
    int32_t output_multiplier;
    int32_t output_addend;
    int32_t output_right;
    int32_t low;
    int32_t high;
};

#endif
