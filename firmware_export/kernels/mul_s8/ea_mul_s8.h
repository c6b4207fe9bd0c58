#ifndef EA_MUL_S8_H
#define EA_MUL_S8_H

#include <stdint.h>

#include "ea_broadcast.h"

/* y = clamp(requantise_twice((a + a_offset) * (b + b_offset), multiplier, shift) + output_offset, low, high)
 * where a and b meet as `shape` says. shift: -31 to 31; what it shifts out is lost, as in the reference.
 * Nothing needs alignment. y may be an input of y's own shape. */
struct ea_mul_s8 {
    const struct ea_broadcast *shape;
    int32_t a_offset;
    int32_t b_offset;
    int32_t multiplier;
    int32_t shift;
    int32_t output_offset;
    int32_t low;
    int32_t high;
};

#endif
