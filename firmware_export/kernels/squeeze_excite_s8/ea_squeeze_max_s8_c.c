#ifndef EA_SQUEEZE_MAX_S8_C
#define EA_SQUEEZE_MAX_S8_C

#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_squeeze_excite_s8.h"

static void ea_squeeze_max_s8_c(const struct ea_squeeze_max_s8 *p, const int8_t *maxima, int8_t *y)
{
    for (int32_t c = 0; c < p->channels; c++)
        y[c] = (int8_t)ea_clamp(maxima[c], p->low, p->high);
}

#endif
