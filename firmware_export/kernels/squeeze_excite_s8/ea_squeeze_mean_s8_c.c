#ifndef EA_SQUEEZE_MEAN_S8_C
#define EA_SQUEEZE_MEAN_S8_C

#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_squeeze_excite_s8.h"

static void ea_squeeze_mean_s8_c(const struct ea_squeeze_mean_s8 *p, const void *sums, int8_t *y)
{
    const int32_t *total = (const int32_t *)sums;
    const int32_t input_offset = p->input_offset;
    const int32_t multiplier = p->multiplier;
    const int32_t addend = p->addend;
    const int32_t right = p->right;
    for (int32_t left = p->channels; left > 0; left--) {
        const int32_t wide = (*total++ + input_offset) * 4;
        const int32_t scaled = (int32_t)(((int64_t)wide * multiplier) >> 32);
        *y++ = (int8_t)ea_clamp((scaled + addend + (wide >> 31) * 2) >> right, -128, 127);
    }
}

#endif
