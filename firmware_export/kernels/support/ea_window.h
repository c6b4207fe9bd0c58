#ifndef EA_WINDOW_H
#define EA_WINDOW_H

#include "ea_language.h"
#include "ea_ring.h"

#include <stdint.h>

/* Which input rows one output row reads. A row outside the image is `outside`, or is left out by ea_window_inside. */
struct ea_window {
    int32_t input_height;
    int32_t input_row_bytes;
    int32_t kept; /* input rows that lie in memory at a time: all of them, or those of a ring */
    int32_t kernel_height;
    int32_t stride;
    int32_t dilation;
    int32_t padding;       /* rows above the image */
    const int8_t *outside; /* input_row_bytes long: zero points */
};

/* rows[k] = the input row under kernel row k of output row y; kernel_height of them. */
EA_SHARED void ea_window_rows(const struct ea_window *p, const int8_t *x, int32_t y, const int8_t **rows)
{
    int32_t row = y * p->stride - p->padding;
    for (int32_t k = 0; k < p->kernel_height; k++, row += p->dilation)
        rows[k] = row < 0 || row >= p->input_height ? p->outside : x + ea_ring(row, p->kept) * p->input_row_bytes;
}

/* rows[0..n) = the input rows of output row y that lie inside the image; returns n. */
EA_SHARED int32_t ea_window_inside(const struct ea_window *p, const int8_t *x, int32_t y, const int8_t **rows)
{
    int32_t count = 0;
    int32_t row = y * p->stride - p->padding;
    for (int32_t k = 0; k < p->kernel_height; k++, row += p->dilation)
        if (row >= 0 && row < p->input_height)
            rows[count++] = x + ea_ring(row, p->kept) * p->input_row_bytes;
    return count;
}

#endif
