#ifndef EA_REQUANTISE_S8_TO_S16_C
#define EA_REQUANTISE_S8_TO_S16_C

#include "ea_requantise.h"
#include "ea_requantise_s16.h"

static void ea_requantise_s8_to_s16_c(const struct ea_requantise_s16 *p, const int8_t *x, int16_t *y)
{
    for (int32_t i = 0; i < p->count; i++) {
        const int32_t scaled = ea_requantise_twice(x[i] + p->input_offset, p->multiplier, p->shift);
        y[i] = (int16_t)ea_clamp(ea_add(scaled, p->output_offset), p->low, p->high);
    }
}

#endif
