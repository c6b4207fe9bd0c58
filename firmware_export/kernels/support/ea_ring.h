#ifndef EA_RING_H
#define EA_RING_H

#include "ea_language.h"

#include <stdint.h>

/* Where a row lies among those that a ring keeps: what is left of it, found without division, which some cores lack. */
EA_SHARED int32_t ea_ring(int32_t row, int32_t kept)
{
    int32_t step = kept;
    while (step <= row - step)
        step += step;
    for (; step >= kept; step >>= 1)
        if (row >= step)
            row -= step;
    return row;
}

#endif
