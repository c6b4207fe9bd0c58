#ifndef EA_LOOKUP_S8_C
#define EA_LOOKUP_S8_C

#include "ea_lookup_s8.h"

static void ea_lookup_s8_c(const struct ea_lookup_s8 *p, const int8_t *x, int8_t *y)
{
    const int32_t count = p->count;
    const int8_t *const zero = p->table + 128;
    int32_t i = 0;
    for (; i < count - 3; i += 4, x += 4, y += 4) {
        const int8_t first = zero[x[0]], second = zero[x[1]];
        y[0] = first;
        y[1] = second;
        const int8_t third = zero[x[2]], fourth = zero[x[3]];
        y[2] = third;
        y[3] = fourth;
    }
    for (; i < count; i++)
        *y++ = zero[*x++];
}

#endif
