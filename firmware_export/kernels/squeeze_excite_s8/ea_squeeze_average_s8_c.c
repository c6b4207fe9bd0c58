#ifndef EA_SQUEEZE_AVERAGE_S8_C
#define EA_SQUEEZE_AVERAGE_S8_C

#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_squeeze_excite_s8.h"

static void ea_squeeze_average_s8_c(const struct ea_squeeze_average_s8 *p, const void *sums, int8_t *y)
{
    const int32_t *const total = (const int32_t *)sums;
    const int32_t half = p->count / 2;
    for (int32_t c = 0; c < p->channels; c++) {
        const int32_t average = (total[c] + (total[c] > 0 ? half : -half)) / p->count;
        y[c] = (int8_t)ea_clamp(average, p->low, p->high);
    }
}

#endif
