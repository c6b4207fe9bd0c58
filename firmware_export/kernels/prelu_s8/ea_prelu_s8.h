#ifndef EA_PRELU_S8_H
#define EA_PRELU_S8_H

#include <stdint.h>

#include "ea_broadcast.h"

/* y = clamp(requantise_twice(x + x_offset, multiplier, shift) + output_offset, -128, 127) where x + x_offset >= 0, else
 * y = clamp(requantise_twice((x + x_offset) * (alpha + alpha_offset), alpha_multiplier, alpha_shift) + output_offset,
 *           -128, 127)
 * where x, of y's shape, and alpha meet as `shape` says. shifts: -31 to 31; what they shift out is lost, as in the
 * reference. Nothing needs alignment. y may be x, or alpha of y's own shape. */
struct ea_prelu_s8 {
    const struct ea_broadcast *shape;
    int32_t x_offset;
    int32_t alpha_offset;
    int32_t multiplier;
    int32_t shift;
    int32_t alpha_multiplier;
    int32_t alpha_shift;
    int32_t output_offset;
};

#endif
