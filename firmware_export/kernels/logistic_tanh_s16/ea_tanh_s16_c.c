#ifndef EA_TANH_S16_C
#define EA_TANH_S16_C

#include "ea_logistic_tanh_s16.h"
#include "ea_sigmoid_table_s16.h"

static void ea_tanh_s16_c(const struct ea_logistic_tanh_s16 *p, const int16_t *x, int16_t *y)
{
    for (int32_t i = 0; i < p->count; i++) {
        const int32_t steps = ea_sigmoid_steps_s16(p, x[i]);
        const int32_t magnitude = steps < 0 ? -steps : steps;
        int32_t result = 0xffff << 8;
        if (magnitude >> 8 < EA_SIGMOID_LAST)
            result = ea_sigmoid_at_s16(p->sigmoid, magnitude, 8);
        result -= 1 << 23; /* logistic - 1/2 */
        result = steps < 0 ? -result + (1 << 7) - 1 : result + (1 << 7);
        y[i] = (int16_t)(result >> 8);
    }
}

#endif
