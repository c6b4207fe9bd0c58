#ifndef EA_ADD_S16_H
#define EA_ADD_S16_H

#include <stdint.h>

#include "ea_broadcast_s16.h"

/* y = clamp(rescale(a_sign * rescale(a) + b_sign * rescale(b)), low, high) for ADD, and for SUB with one sign negative;
 * a and b meet as `shape` says. Inputs are shifted up by 15 bits first; each rescaling, to 2^-right_shift * multiplier /
 * 2^31, rounds twice. Scales are at most 1, so nothing overflows. int16 is aligned as its type. y may be an input of y's
 * own shape. */
struct ea_add_s16 {
    const struct ea_broadcast *shape;
    int32_t a_sign;
    int32_t a_multiplier;
    int32_t a_right_shift;
    int32_t b_sign;
    int32_t b_multiplier;
    int32_t b_right_shift;
    int32_t output_multiplier;
    int32_t output_right_shift;
    int32_t low;
    int32_t high;
};

#endif
