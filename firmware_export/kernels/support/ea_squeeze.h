#ifndef EA_SQUEEZE_H
#define EA_SQUEEZE_H

#include "ea_language.h"

#include <stdint.h>
#include <string.h>

/* A row that has just been written, [width][channels], joins the sum or the maximum of each channel over all rows. */
struct ea_squeeze {
    int32_t width;
    int32_t channels;
};

/* Four channels of one position join their sums. */
EA_INLINE void ea_squeeze_sum_four(const int8_t *x, int32_t sums[4])
{
    sums[0] += x[0];
    sums[1] += x[1];
    sums[2] += x[2];
    sums[3] += x[3];
}

/* sums[c] += the sum of channel c in the row. sums: int32, 4-byte aligned. */
EA_INLINE void ea_squeeze_sum_row(const struct ea_squeeze *p, const int8_t *row, void *sums)
{
    int32_t *const total = (int32_t *)sums;
    const int32_t step = p->channels;
    const int32_t fours = p->channels & ~3;
    for (int32_t c = 0; c < fours; c += 4) {
        int32_t four[4] = {total[c], total[c + 1], total[c + 2], total[c + 3]};
        const int8_t *x = row + c;
        for (int32_t pair = p->width >> 1; pair > 0; pair--, x += 2 * step) {
            ea_squeeze_sum_four(x, four);
            ea_squeeze_sum_four(x + step, four);
        }
        if (p->width & 1)
            ea_squeeze_sum_four(x, four);
        memcpy(total + c, four, sizeof four);
    }
    for (int32_t c = fours; c < p->channels; c++)
        for (int32_t i = 0; i < p->width; i++)
            total[c] += row[c + i * step];
}

/* maxima[c] = the larger of itself and channel c in the row. */
EA_INLINE void ea_squeeze_max_row(const struct ea_squeeze *p, const int8_t *row, int8_t *maxima)
{
    const int32_t end = p->width * p->channels;
    for (int32_t c = 0; c < p->channels; c++) {
        int8_t highest = maxima[c];
        for (int32_t i = c; i < end; i += p->channels)
            highest = row[i] > highest ? row[i] : highest;
        maxima[c] = highest;
    }
}

#endif
