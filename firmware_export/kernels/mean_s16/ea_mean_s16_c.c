#ifndef EA_MEAN_S16_C
#define EA_MEAN_S16_C

#include "ea_language.h"
#include "ea_mean_s16.h"
#include "ea_requantise.h"

EA_INLINE int16_t ea_mean_output_s16_c(const struct ea_mean_s16 *p, int32_t sum)
{
    return (int16_t)ea_clamp(ea_requantise_twice(sum, p->multiplier, p->shift), -32768, 32767);
}

EA_INLINE void ea_mean_one_s16_c(const struct ea_mean_s16 *p, const int16_t *x, int16_t *y)
{
    const int32_t end = p->reduced_end[1];
    const int32_t step = p->reduced_step[1];
    int32_t sum = 0;
    for (int32_t i = 0; i < p->reduced_end[0]; i += p->reduced_step[0])
        for (int32_t j = 0; j < end; j += step)
            sum += x[i + j];
    *y = ea_mean_output_s16_c(p, sum);
}

/* Four outputs whose inputs lie side by side: channels. */
EA_INLINE void ea_mean_four_s16_c(const struct ea_mean_s16 *p, const int16_t *x, int16_t *y)
{
    const int32_t end = p->reduced_end[1];
    const int32_t step = p->reduced_step[1];
    int32_t sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
    for (int32_t i = 0; i < p->reduced_end[0]; i += p->reduced_step[0]) {
        for (int32_t j = 0; j < end; j += step) {
            const int16_t *four = x + i + j;
            sum0 += four[0];
            sum1 += four[1];
            sum2 += four[2];
            sum3 += four[3];
        }
    }
    y[0] = ea_mean_output_s16_c(p, sum0);
    y[1] = ea_mean_output_s16_c(p, sum1);
    y[2] = ea_mean_output_s16_c(p, sum2);
    y[3] = ea_mean_output_s16_c(p, sum3);
}

static void ea_mean_s16_c(const struct ea_mean_s16 *p, const int16_t *x, int16_t *y)
{
    const int32_t end = p->kept_end[1];
    const int32_t step = p->kept_step[1];
    for (int32_t i = 0; i < p->kept_end[0]; i += p->kept_step[0]) {
        int32_t j = 0;
        for (; step == 1 && j <= end - 4; j += 4, y += 4)
            ea_mean_four_s16_c(p, x + i + j, y);
        for (; j < end; j += step)
            ea_mean_one_s16_c(p, x + i + j, y++);
    }
}

#endif
