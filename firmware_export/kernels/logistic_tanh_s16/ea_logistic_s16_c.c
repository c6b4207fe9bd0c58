#ifndef EA_LOGISTIC_S16_C
#define EA_LOGISTIC_S16_C

#include "ea_logistic_tanh_s16.h"
#include "ea_sigmoid_table_s16.h"

static void ea_logistic_s16_c(const struct ea_logistic_tanh_s16 *p, const int16_t *x, int16_t *y)
{
    for (int32_t i = 0; i < p->count; i++) {
        const int32_t steps = ea_sigmoid_steps_s16(p, x[i]);
        const int32_t magnitude = steps < 0 ? -steps : steps;
        int32_t result = 0x7fff << 10;
        if (magnitude >> 9 < EA_SIGMOID_LAST)
            result = ea_sigmoid_at_s16(p->sigmoid, magnitude, 9);
        result = steps < 0 ? (1 << 25) - result + (1 << 9) - 1 : result + (1 << 9);
        y[i] = (int16_t)(result >> 10);
    }
}

#endif
