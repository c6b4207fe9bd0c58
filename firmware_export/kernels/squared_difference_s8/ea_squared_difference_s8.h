#ifndef EA_SQUARED_DIFFERENCE_S8_H
#define EA_SQUARED_DIFFERENCE_S8_H

#include <stdint.h>

#include "ea_broadcast.h"

/* y = clamp(rescale((rescale(a + a_offset) - rescale(b + b_offset))^2) + output_offset, -128, 127)
 * where a and b meet as `shape` says. Inputs are shifted up by 7 bits first; each rescaling, to 2^-right_shift *
 * multiplier / 2^31, rounds twice. Those of the inputs are at most 1/2, so that the square stays in 32 bits.
 * Nothing needs alignment. y may be an input of y's own shape. */
struct ea_squared_difference_s8 {
    const struct ea_broadcast *shape;
    int32_t a_offset;
    int32_t a_multiplier;
    int32_t a_right_shift;
    int32_t b_offset;
    int32_t b_multiplier;
    int32_t b_right_shift;
    int32_t output_multiplier;
    int32_t output_right_shift;
    int32_t output_offset;
};

#endif
