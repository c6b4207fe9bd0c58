#ifndef EA_REQUANTISE_S16_H
#define EA_REQUANTISE_S16_H

#include <stdint.h>

/* y = clamp(requantise_twice(x + input_offset, multiplier, shift) + output_offset, low, high): QUANTIZE from int16 or to
 * it, and RELU and its kin. x, y: [count]; they may be the same where they have one type. int16 is aligned as its type. */
struct ea_requantise_s16 {
    int32_t count;
    int32_t input_offset;
    int32_t multiplier;
    int32_t shift;
    int32_t output_offset;
    int32_t low;
    int32_t high;
};

#endif
