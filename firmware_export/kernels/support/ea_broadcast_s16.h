#ifndef EA_BROADCAST_S16_H
#define EA_BROADCAST_S16_H

#include "ea_broadcast.h"
#include "ea_language.h"

#include <stdint.h>

/* One run of int16 inputs: its place along each axis, and where its inputs begin. */
struct ea_broadcast_run_s16 {
    int32_t index[EA_BROADCAST_AXES];
    const int16_t *a;
    const int16_t *b;
};

EA_INLINE struct ea_broadcast_run_s16 ea_broadcast_first_s16(const int16_t *a, const int16_t *b)
{
    const struct ea_broadcast_run_s16 run = {{0, 0, 0, 0, 0}, a, b};
    return run;
}

/* The run after this one; after the last, nothing that may be read. */
EA_INLINE void ea_broadcast_next_s16(const struct ea_broadcast *p, struct ea_broadcast_run_s16 *run)
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
