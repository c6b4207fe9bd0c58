#ifndef EA_BROADCAST_H
#define EA_BROADCAST_H

#include "ea_language.h"

#include <stdint.h>

#define EA_BROADCAST_AXES 5

/* How two inputs of other shapes meet in one output: y is `runs` runs of `length` elements. Along a run `a` advances by
 * one element and `b` by `b_step`, 0 or 1. Runs lie along axes, innermost first; axes that are not needed have size 1.
 */
struct ea_broadcast {
    int32_t runs; /* the product of sizes */
    int32_t length;
    int32_t b_step;
    int32_t sizes[EA_BROADCAST_AXES];
    int32_t a_jumps[EA_BROADCAST_AXES]; /* to the next run along this axis from the last run along those before it */
    int32_t b_jumps[EA_BROADCAST_AXES];
};

/* One run: its place along each axis, and where its inputs begin. */
struct ea_broadcast_run {
    int32_t index[EA_BROADCAST_AXES];
    const int8_t *a;
    const int8_t *b;
};

EA_INLINE struct ea_broadcast_run ea_broadcast_first(const int8_t *a, const int8_t *b)
{
    const struct ea_broadcast_run run = {{0, 0, 0, 0, 0}, a, b};
    return run;
}

/* The run after this one; after the last, nothing that may be read. */
EA_INLINE void ea_broadcast_next(const struct ea_broadcast *p, struct ea_broadcast_run *run)
{
    for (int32_t axis = 0; axis < EA_BROADCAST_AXES; axis++) {
        if (++run->index[axis] < p->sizes[axis]) {
            run->a += p->a_jumps[axis];
            run->b += p->b_jumps[axis];
            return;
        }
        run->index[axis] = 0;
    }
}

#endif
