#ifndef EA_MUL_S16_H
#define EA_MUL_S16_H

#include <stdint.h>

#include "ea_broadcast_s16.h"

/* y = clamp(requantise_twice(a * b, multiplier, shift), low, high)
 * where a and b meet as `shape` says. shift: -31 to 31; what it shifts out is lost, as in the reference.
 * int16 is aligned as its type. y may be an input of y's own shape. */
struct ea_mul_s16 {
    const struct ea_broadcast *shape;
    int32_t multiplier;
    int32_t shift;
    int32_t low;
    int32_t high;
};

#endif
