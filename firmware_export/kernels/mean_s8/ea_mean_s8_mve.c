#ifndef EA_MEAN_S8_MVE_C
#define EA_MEAN_S8_MVE_C

#include "ea_mean_s8.h"
#include "ea_squeeze_excite_s8.h"
#include "ea_squeeze_mean_fours.h"
#include "ea_squeeze_vectors.h"

#include <stdint.h>
#include <string.h>

/* Outputs whose inputs lie side by side are channels: kept_step[1] is 1. shift: -31 to -1.
 * sums: an int32 for each, a multiple of eight. */
static void ea_mean_s8_mve(const struct ea_mean_s8 *p, const int8_t *x, int8_t *y, void *sums)
{
    const int32_t channels = p->kept_end[1];
    const struct ea_squeeze row = {p->reduced_end[1] / p->reduced_step[1], channels};
    const struct ea_squeeze_mean_fours mean = {channels, p->input_offset, p->multiplier, p->shift, p->output_offset};
    for (int32_t i = 0; i < p->kept_end[0]; i += p->kept_step[0], y += channels) {
        memset(sums, 0, 4u * (uint32_t)channels);
        for (int32_t j = 0; j < p->reduced_end[0]; j += p->reduced_step[0])
            ea_squeeze_sum_row_mve(&row, x + i + j, sums);
        ea_squeeze_mean_fours_run(&mean, sums, y);
    }
}

#endif
