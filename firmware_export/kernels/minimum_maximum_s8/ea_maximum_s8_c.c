#ifndef EA_MAXIMUM_S8_C
#define EA_MAXIMUM_S8_C

#include "ea_minimum_maximum_s8.h"

static void ea_maximum_s8_c(const struct ea_minimum_maximum_s8 *p, const int8_t *a, const int8_t *b, int8_t *y)
{
    const int32_t length = p->shape->length;
    const int32_t b_step = p->shape->b_step;
    struct ea_broadcast_run run = ea_broadcast_first(a, b);
    for (int32_t r = 0; r < p->shape->runs; r++, y += length) {
        const int8_t *value = run.b;
        for (int32_t i = 0; i < length; i++, value += b_step)
            y[i] = run.a[i] > *value ? run.a[i] : *value;
        ea_broadcast_next(p->shape, &run);
    }
}

#endif
