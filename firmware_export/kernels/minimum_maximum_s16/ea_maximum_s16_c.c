#ifndef EA_MAXIMUM_S16_C
#define EA_MAXIMUM_S16_C

#include "ea_minimum_maximum_s16.h"

static void ea_maximum_s16_c(const struct ea_minimum_maximum_s16 *p, const int16_t *a, const int16_t *b, int16_t *y)
{
    const int32_t length = p->shape->length;
    const int32_t b_step = p->shape->b_step;
    struct ea_broadcast_run_s16 run = ea_broadcast_first_s16(a, b);
    for (int32_t r = 0; r < p->shape->runs; r++, y += length) {
        const int16_t *value = run.b;
        for (int32_t i = 0; i < length; i++, value += b_step)
            y[i] = run.a[i] > *value ? run.a[i] : *value;
        ea_broadcast_next_s16(p->shape, &run);
    }
}

#endif
