#ifndef EA_LOOKUP_S8_C
#define EA_LOOKUP_S8_C

#include "ea_lookup_s8.h"

static void ea_lookup_s8_c(const struct ea_lookup_s8 *p, const int8_t *x, int8_t *y)
{
    const int32_t count = p->count;
    const int8_t *const zero = p->table + 128;
    for (int32_t i = 0; i < count; i++)
        y[i] = zero[x[i]];
}

#endif
