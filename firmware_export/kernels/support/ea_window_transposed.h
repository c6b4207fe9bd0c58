#ifndef EA_WINDOW_TRANSPOSED_H
#define EA_WINDOW_TRANSPOSED_H

#include "ea_language.h"
#include "ea_window.h"

#include <stdint.h>

/* rows[j] = the input row that meets output row y under kernel row phase + j * stride, from below; returns the phase,
 * 0 to stride - 1. kernel_height is the most rows that meet, padding the rows of the whole result above the output. */
EA_INLINE int32_t ea_window_transposed(const struct ea_window *p, const int8_t *x, int32_t y, const int8_t **rows)
{
    const int32_t last = (y + p->padding) / p->stride;
    for (int32_t j = 0; j < p->kernel_height; j++) {
        const int32_t row = last - j;
        rows[j] = row < 0 || row >= p->input_height ? p->outside : x + row * p->input_row_bytes;
    }
    return y + p->padding - last * p->stride;
}

#endif
