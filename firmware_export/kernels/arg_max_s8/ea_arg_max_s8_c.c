#ifndef EA_ARG_MAX_S8_C
#define EA_ARG_MAX_S8_C

#include <string.h>

#include "ea_arg_max_s8.h"
#include "ea_language.h"

EA_INLINE int32_t ea_arg_max_one_s8_c(const struct ea_arg_max_s8 *p, const int8_t *x)
{
    int32_t highest = p->sign * *x;
    int32_t place = 0;
    for (int32_t j = 1; j < p->length; j++) {
        x += p->inner;
        if (p->sign * *x > highest) {
            highest = p->sign * *x;
            place = j;
        }
    }
    return place;
}

EA_INLINE void ea_arg_max_store_s8_c(const struct ea_arg_max_s8 *p, int32_t place, int8_t *y)
{
    const int64_t wide = place;
    if (p->index_bytes == 8)
        memcpy(y, &wide, sizeof wide);
    else
        memcpy(y, &place, sizeof place);
}

static void ea_arg_max_s8_c(const struct ea_arg_max_s8 *p, const int8_t *x, void *y)
{
    int8_t *next = (int8_t *)y;
    for (int32_t o = 0; o < p->outer; o++, x += p->length * p->inner)
        for (int32_t i = 0; i < p->inner; i++, next += p->index_bytes)
            ea_arg_max_store_s8_c(p, ea_arg_max_one_s8_c(p, x + i), next);
}

#endif
