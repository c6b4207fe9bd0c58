#ifndef EA_REDUCE_MIN_S16_C
#define EA_REDUCE_MIN_S16_C

#include "ea_language.h"
#include "ea_reduce_max_s16.h"

EA_INLINE int16_t ea_reduce_min_one_s16_c(const struct ea_reduce_max_s16 *p, const int16_t *x)
{
    const int32_t end = p->reduced_end[1];
    const int32_t step = p->reduced_step[1];
    int16_t lowest = x[0];
    for (int32_t i = 0; i < p->reduced_end[0]; i += p->reduced_step[0])
        for (int32_t j = 0; j < end; j += step)
            lowest = x[i + j] < lowest ? x[i + j] : lowest;
    return lowest;
}

static void ea_reduce_min_s16_c(const struct ea_reduce_max_s16 *p, const int16_t *x, int16_t *y)
{
    for (int32_t i = 0; i < p->kept_end[0]; i += p->kept_step[0])
        for (int32_t j = 0; j < p->kept_end[1]; j += p->kept_step[1])
            *y++ = ea_reduce_min_one_s16_c(p, x + i + j);
}

#endif
