#ifndef EA_VARIABLE_FULLY_CONNECTED_S8_MVE_C
#define EA_VARIABLE_FULLY_CONNECTED_S8_MVE_C

#include "ea_language.h"
#include "ea_matmul_s8.h"
#include "ea_matmul_vectors.h"
#include "ea_requantise.h"

EA_INLINE int32_t ea_variable_fully_connected_vectors_scale(const struct ea_matmul_s8 *p, uint32_t sum)
{
    return ea_requantise_once(ea_wrap(sum), p->multiplier, p->shift);
}

/* scratch: an int32 for each column. */
static void ea_variable_fully_connected_s8_mve(
    const struct ea_matmul_s8 *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    uint32_t *const sums = (uint32_t *)scratch;
    for (int32_t row = 0; row < p->rows; row++, a += p->a_row_step) {
        const uint32_t start = ea_matmul_vectors_row(p, a, b, sums);
        for (int32_t column = 0; column < p->columns; column++)
            *y++ = ea_matmul_output(p, ea_variable_fully_connected_vectors_scale, start + sums[column], column);
    }
}

#endif
