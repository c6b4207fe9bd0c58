#ifndef EA_SQUEEZE_AVERAGE_S8_MVE_C
#define EA_SQUEEZE_AVERAGE_S8_MVE_C

#include "ea_squeeze_average_s8_c.c"
#include "ea_squeeze_excite_s8.h"

/* Vectors are for what is done row by row; this is done once. */
static void ea_squeeze_average_s8_mve(const struct ea_squeeze_average_s8 *p, const void *sums, int8_t *y)
{
    ea_squeeze_average_s8_c(p, sums, y);
}

#endif
