#ifndef EA_SQUEEZE_H
#define EA_SQUEEZE_H

#include "ea_channel_maxima.h"
#include "ea_channel_sums.h"
#include "ea_language.h"

#include <stdint.h>

/* A row that has just been written, [width][channels], joins the sum or the maximum of each channel over all rows. */
struct ea_squeeze {
    int32_t width;
    int32_t channels;
};

/* sums[c] += the sum of channel c in the row. sums: int32, 4-byte aligned. */
EA_INLINE void ea_squeeze_sum_row(const struct ea_squeeze *p, const int8_t *row, void *sums)
{
    ea_channel_sums(row, (int32_t *)sums, p->channels, p->width);
}

/* maxima[c] = the larger of itself and channel c in the row. */
EA_INLINE void ea_squeeze_max_row(const struct ea_squeeze *p, const int8_t *row, int8_t *maxima)
{
    ea_channel_maxima(row, maxima, p->channels, p->width);
}

#endif
