#ifndef EA_SQUEEZE_MEAN_S8_C
#define EA_SQUEEZE_MEAN_S8_C

#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_squeeze_excite_s8.h"

static void ea_squeeze_mean_s8_c(const struct ea_squeeze_mean_s8 *p, const void *sums, int8_t *y)
{
    const int32_t *const total = (const int32_t *)sums;
    for (int32_t c = 0; c < p->channels; c++) {
        const int32_t mean = ea_requantise_twice(ea_add(total[c], p->input_offset), p->multiplier, p->shift);
        y[c] = (int8_t)ea_clamp(ea_add(mean, p->output_offset), -128, 127);
    }
}

#endif
