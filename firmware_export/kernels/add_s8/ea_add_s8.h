#ifndef EA_ADD_S8_H
#define EA_ADD_S8_H

#include <stdint.h>

#include "ea_broadcast.h"

/* y = clamp(rescale(a_sign * rescale(a + a_offset) + b_sign * rescale(b + b_offset)) + output_offset, low, high)
 * for ADD, and for SUB with one sign negative; a and b meet as `shape` says. Inputs are shifted up by 20 bits first;
 * each rescaling, to 2^-right_shift * multiplier / 2^31, rounds twice. Scales are at most 1, so nothing overflows.
 * Nothing needs alignment. y may be an input of y's own shape. */
struct ea_add_s8 {
    const struct ea_broadcast *shape;
    int32_t a_sign;
    int32_t a_offset;
    int32_t a_multiplier;
    int32_t a_right_shift;
    int32_t b_sign;
    int32_t b_offset;
    int32_t b_multiplier;
    int32_t b_right_shift;
    int32_t output_multiplier;
    int32_t output_right_shift;
    int32_t output_offset;
    int32_t low;
    int32_t high;
};

#endif
