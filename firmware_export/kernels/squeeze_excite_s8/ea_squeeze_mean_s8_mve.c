#ifndef EA_SQUEEZE_MEAN_S8_MVE_C
#define EA_SQUEEZE_MEAN_S8_MVE_C

#include "ea_squeeze_excite_s8.h"
#include "ea_squeeze_mean_fours.h"

static void ea_squeeze_mean_s8_mve(const struct ea_squeeze_mean_s8 *p, const void *sums, int8_t *y)
{
    const int32_t output_offset = (p->addend - 1 - (1 << (p->right - 1))) >> p->right;
    const struct ea_squeeze_mean_fours fours = {
        p->channels, p->input_offset, p->multiplier, 1 - p->right, output_offset};
    ea_squeeze_mean_fours_run(&fours, sums, y);
}

#endif
