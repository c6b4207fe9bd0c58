#ifndef EA_REDUCE_MAX_S16_H
#define EA_REDUCE_MAX_S16_H

#include <stdint.h>

/* y = max of x over the reduced axes (min of ea_reduce_min), one for each position along the kept ones.
 * Two axes are kept and two reduced: each is walked from 0 to its end in steps, both in elements; an axis too many has
 * end 1, step 1. y: contiguous in the order of the kept axes, may not alias x. int16 is aligned as its type. */
struct ea_reduce_max_s16 {
    int32_t kept_end[2];
    int32_t kept_step[2];
    int32_t reduced_end[2];
    int32_t reduced_step[2];
};

#endif
