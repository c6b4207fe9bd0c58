#ifndef EA_MINIMUM_MAXIMUM_S16_H
#define EA_MINIMUM_MAXIMUM_S16_H

#include <stdint.h>

#include "ea_broadcast_s16.h"

/* y = the smaller (MINIMUM) or the larger (MAXIMUM) of the values a and b, which meet as `shape` says.
 * int16 is aligned as its type. y may be an input of y's own shape. */
struct ea_minimum_maximum_s16 {
    const struct ea_broadcast *shape;
};

#endif
