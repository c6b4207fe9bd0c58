#ifndef EA_CONV2D_VECTORS_ROW_S8_MVE
#define EA_CONV2D_VECTORS_ROW_S8_MVE

#include "ea_conv2d_pair.h"
#include "ea_conv2d_vectors_s8.h"
#include "ea_language.h"
#include "ea_vectors.h"

#include <string.h>

/* The values under one kernel row, of which some columns lie outside. */
EA_INLINE int8_t *
ea_conv2d_vectors_edge(const struct ea_conv2d_vectors_s8 *p, const int8_t *row, int32_t start, int8_t *to)
{
    for (int32_t k = 0; k < p->kernel_width; k++, to += p->input_channels) {
        const int32_t column = start + k * p->dilation;
        if (column < 0 || column >= p->input_width)
            memset(to, p->input_zero_point, (size_t)p->input_channels);
        else
            ea_copy_bytes(to, row + column * p->input_channels, p->input_channels);
    }
    return to;
}

/* The values under the filter of an output column, side by side. */
EA_INLINE void ea_conv2d_vectors_gather(
    const struct ea_conv2d_vectors_s8 *p, const int8_t *const rows[], int32_t column, int8_t *to)
{
    const int32_t start = column * p->stride - p->padding;
    const int32_t run = p->kernel_width * p->input_channels;
    const int32_t at = start * p->input_channels;
    if (p->dilation != 1 || start < 0 || start + p->kernel_width > p->input_width)
        for (int32_t k = 0; k < p->kernel_height; k++)
            to = ea_conv2d_vectors_edge(p, rows[k], start, to);
    else
        for (int32_t k = 0; k < p->kernel_height; k++)
            to = ea_copy_bytes(to, rows[k] + at, run);
}

static void ea_conv2d_vectors_row_s8_mve(
    const struct ea_conv2d_vectors_s8 *p, const int8_t *const rows[], int8_t *y, int8_t *scratch)
{
    int8_t *const x1 = scratch + p->first + 16 * p->blocks;
    for (int32_t column = 0; column < p->output_width; column += 2) {
        const int32_t other = column + 1 < p->output_width ? 1 : 0; /* a last pixel is paired with itself */
        ea_conv2d_vectors_gather(p, rows, column, scratch);
        ea_conv2d_vectors_gather(p, rows, column + other, x1);
        ea_conv2d_pair_all(p, scratch, x1, y, y + other * p->output_channels);
        y += 2 * p->output_channels;
    }
}

#endif
