#ifndef EA_FULLY_CONNECTED_S16_C
#define EA_FULLY_CONNECTED_S16_C

#include "ea_fully_connected_s16.h"
#include "ea_requantise.h"
#include "ea_sum_s16.h"

static void ea_fully_connected_s16_c(const struct ea_fully_connected_s16 *p, const int16_t *x, int16_t *y)
{
    for (int32_t row = 0; row < p->rows; row++, x += p->depth)
        for (int32_t unit = 0; unit < p->units; unit++) {
            const int64_t sum = p->bias[unit] + ea_dot_s16(x, p->weights + unit * p->depth, p->depth);
            const int32_t scale = unit * p->scale_step;
            const int32_t scaled = ea_requantise_float64(sum, p->mantissa[scale], p->right[scale]);
            *y++ = (int16_t)ea_clamp(scaled, p->low, p->high);
        }
}

#endif
