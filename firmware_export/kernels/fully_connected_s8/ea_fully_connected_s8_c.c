#ifndef EA_FULLY_CONNECTED_S8_C
#define EA_FULLY_CONNECTED_S8_C

#include "ea_fully_connected_s8.h"
#include "ea_language.h"
#include "ea_requantise.h"

/* One unit's output for one row. */
EA_INLINE int8_t ea_fully_connected_unit_s8_c(const struct ea_fully_connected_s8 *p, const int8_t *x, int32_t unit)
{
    const int8_t *w = p->weights + unit * p->depth;
    const int32_t depth = p->depth;
    const int32_t offset = p->input_offset;
    const int32_t scale = unit * p->scale_step;
    uint32_t sum = (uint32_t)p->bias[unit];
    for (int32_t i = 0; i < depth; i++)
        sum += (uint32_t)((x[i] + offset) * w[i]);
    const int32_t scaled = ea_requantise_once(ea_wrap(sum), p->multiplier[scale], p->right[scale]);
    return (int8_t)ea_clamp(ea_add(scaled, p->output_offset), p->low, p->high);
}

static void ea_fully_connected_s8_c(const struct ea_fully_connected_s8 *p, const int8_t *x, int8_t *y)
{
    for (int32_t row = 0; row < p->rows; row++, x += p->depth)
        for (int32_t unit = 0; unit < p->units; unit++)
            *y++ = ea_fully_connected_unit_s8_c(p, x, unit);
}

#endif
