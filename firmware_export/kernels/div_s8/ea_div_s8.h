#ifndef EA_DIV_S8_H
#define EA_DIV_S8_H

#include <stdint.h>

#include "ea_broadcast.h"

/* y = clamp(dividend / divisor * multiplier * 2^(shift - 31) + output_offset, low, high)
 * where a and b meet as `shape` says. dividend = a + a_offset and divisor = b + b_offset; where `divides_by_a` is 1, the
 * other way round. A division by 0 is as one of -2^16, 0 or 2^16, by the dividend's sign. Rounds three times: the product
 * with the reciprocal, that with the multiplier, and the last shift to the right, which is 1 to 31 for all values that a
 * and b can have: the exporter sees to it. Nothing needs alignment. y may be an input of y's own shape. */
struct ea_div_s8 {
    const struct ea_broadcast *shape;
    int32_t a_offset;
    int32_t b_offset;
    int32_t divides_by_a;
    int32_t multiplier;
    int32_t shift;
    int32_t output_offset;
    int32_t low;
    int32_t high;
};

#endif
