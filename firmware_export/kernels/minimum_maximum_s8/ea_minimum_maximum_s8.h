#ifndef EA_MINIMUM_MAXIMUM_S8_H
#define EA_MINIMUM_MAXIMUM_S8_H

#include <stdint.h>

#include "ea_broadcast.h"

/* y = the smaller (MINIMUM) or the larger (MAXIMUM) of the bytes a and b, which meet as `shape` says.
 * Nothing needs alignment. y may be an input of y's own shape. */
struct ea_minimum_maximum_s8 {
    const struct ea_broadcast *shape;
};

#endif
