#ifndef EA_SQUEEZE_MEAN_S8_MVE_C
#define EA_SQUEEZE_MEAN_S8_MVE_C

#include "ea_squeeze_excite_s8.h"
#include "ea_squeeze_mean_fours.h"

static void ea_squeeze_mean_s8_mve(const struct ea_squeeze_mean_s8 *p, const void *sums, int8_t *y)
{
    ea_squeeze_mean_fours(p, sums, y);
}

#endif
