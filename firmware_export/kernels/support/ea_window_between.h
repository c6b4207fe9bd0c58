#ifndef EA_WINDOW_BETWEEN_H
#define EA_WINDOW_BETWEEN_H

#include "ea_language.h"
#include "ea_window.h"

#include <stdint.h>

/* rows[0] and rows[1] = the input rows above and below output row y, which lies at y * stride - padding in 1/1024 of a
 * row; returns how far below rows[0] that is: -512 to 1023. Beyond the image both are its first or its last row. */
EA_INLINE int32_t ea_window_between(const struct ea_window *p, const int8_t *x, int32_t y, const int8_t **rows)
{
    const int32_t place = y * p->stride - p->padding;
    const int32_t above = place > 0 ? place / 1024 : 0;
    const int32_t below = (place + 1023) / 1024;
    rows[0] = x + above * p->input_row_bytes;
    rows[1] = x + (below < p->input_height ? below : p->input_height - 1) * p->input_row_bytes;
    return place - above * 1024;
}

#endif
