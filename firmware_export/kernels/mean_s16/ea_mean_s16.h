#ifndef EA_MEAN_S16_H
#define EA_MEAN_S16_H

#include <stdint.h>

/* y = clamp(requantise_twice(sum of x, multiplier, shift), -32768, 32767), one for each position along the kept axes,
 * summed over the reduced ones; 1 / count is part of the multiplier. At most 2^16 - 1 elements are summed, so that the
 * sum stays in 32 bits. Two axes are kept and two reduced: each is walked from 0 to its end in steps, both in elements;
 * an axis too many has end 1, step 1.
 * y: contiguous in the order of the kept axes, may not alias x. int16 is aligned as its type. */
struct ea_mean_s16 {
    int32_t kept_end[2];
    int32_t kept_step[2];
    int32_t reduced_end[2];
    int32_t reduced_step[2];
    int32_t multiplier;
    int32_t shift;
};

#endif
