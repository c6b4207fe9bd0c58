#ifndef EA_RING_H
#define EA_RING_H

#include "ea_language.h"

#include <stdint.h>

/* Where a row lies among those that a ring keeps. Cores without division are served by the loop. */
EA_INLINE int32_t ea_ring(int32_t row, int32_t kept)
{
    while (row >= kept)
        row -= kept;
    return row;
}

#endif
