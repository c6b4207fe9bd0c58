#ifndef EA_MUL_S8_MVE_C
#define EA_MUL_S8_MVE_C

#include "ea_mul_s8.h"
#include "ea_products.h"

static void ea_mul_s8_mve(const struct ea_mul_s8 *p, const int8_t *a, const int8_t *b, int8_t *y)
{
    const struct ea_products products = {1,        p->shape->length, p->a_offset, p->b_offset, p->multiplier,
                                         p->shift, p->output_offset, p->low,      p->high};
    struct ea_broadcast_run run = ea_broadcast_first(a, b);
    for (int32_t i = 0; i < p->shape->runs; i++, y += p->shape->length) {
        if (p->shape->b_step == 0)
            ea_products_of_one(&products, run.a, run.b, y);
        else
            ea_products_of_all(&products, run.a, run.b, y);
        ea_broadcast_next(p->shape, &run);
    }
}

#endif
