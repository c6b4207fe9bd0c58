#ifndef EA_MEAN_S8_H
#define EA_MEAN_S8_H

#include <stdint.h>

/* y = clamp(requantise_twice(input_offset + sum of x, multiplier, shift) + output_offset, -128, 127), one for each
 * position along the kept axes, summed over the reduced ones; 1 / count is part of the multiplier. At most 2^24
 * elements are summed, so that the sum stays in 32 bits; adding input_offset may wrap. Two axes are kept and two
 * reduced: each is walked from 0 to its end in steps, both in elements; an axis too many has end 1, step 1.
 * y: contiguous in the order of the kept axes, may not alias x. Nothing needs alignment. */
struct ea_mean_s8 {
    int32_t kept_end[2];
    int32_t kept_step[2];
    int32_t reduced_end[2];
    int32_t reduced_step[2];
    int32_t input_offset; /* minus the zero point of every element summed */
    int32_t multiplier;
    int32_t shift;
    int32_t output_offset;
};

#endif
