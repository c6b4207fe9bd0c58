#ifndef EA_REQUANTISE_S16_TO_S8_C
#define EA_REQUANTISE_S16_TO_S8_C

#include "ea_requantise.h"
#include "ea_requantise_s16.h"

static void ea_requantise_s16_to_s8_c(const struct ea_requantise_s16 *p, const int16_t *x, int8_t *y)
{
    for (int32_t i = 0; i < p->count; i++) {
        const int32_t scaled = ea_requantise_twice(x[i] + p->input_offset, p->multiplier, p->shift);
        y[i] = (int8_t)ea_clamp(ea_add(scaled, p->output_offset), p->low, p->high);
    }
}

#endif
