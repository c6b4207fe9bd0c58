#ifndef EA_CONV2D_VECTORS_ROW_S8_MVE
#define EA_CONV2D_VECTORS_ROW_S8_MVE

#include "ea_columns.h"
#include "ea_conv2d_gather.h"
#include "ea_conv2d_pair.h"
#include "ea_conv2d_vectors_s8.h"
#include "ea_language.h"

/* The values under the filter of an output column, some of whose columns may lie outside, or are dilated. */
EA_INLINE void ea_conv2d_vectors_edge(
    const struct ea_conv2d_vectors_s8 *p, struct ea_conv2d_gather *gather, int32_t start, int8_t *to)
{
    const struct ea_columns inside = ea_columns_inside(start, p->dilation, p->kernel_width, p->input_width);
    const int32_t together = p->dilation == 1 ? inside.count : 1; /* columns that lie side by side */
    if (inside.count < p->kernel_width)
        ea_conv2d_gather_fill(to, p->input_zero_point, gather->size);
    gather->pixels = 1;
    gather->at = inside.column * p->input_channels;
    gather->to = to + inside.first * p->input_channels;
    gather->bytes = together * p->input_channels;
    for (int32_t i = 0; i < inside.count; i += together) {
        ea_conv2d_gather_rows(gather);
        gather->at += p->dilation * p->input_channels;
        gather->to += p->input_channels;
    }
}

/* The values under the filters of `pixels` output columns, 1 or 2, from the one that starts here. */
EA_INLINE void ea_conv2d_vectors_gather(
    const struct ea_conv2d_vectors_s8 *p, struct ea_conv2d_gather *gather, int32_t start, int32_t pixels, int8_t *to)
{
    const int32_t last = start + (pixels - 1) * p->stride;
    if (start >= 0 && last + p->kernel_width <= p->input_width && p->dilation == 1) {
        gather->pixels = pixels;
        gather->at = start * p->input_channels;
        gather->to = to;
        gather->bytes = gather->pitch;
        ea_conv2d_gather_rows(gather);
        return;
    }
    ea_conv2d_vectors_edge(p, gather, start, to);
    if (pixels > 1)
        ea_conv2d_vectors_edge(p, gather, last, to + gather->size);
}

static void ea_conv2d_vectors_row_s8_mve(
    const struct ea_conv2d_vectors_s8 *p, const int8_t *const rows[], int8_t *y, int8_t *scratch)
{
    const int32_t size = p->first + 16 * p->blocks, step = p->stride * p->input_channels;
    struct ea_conv2d_gather gather = {rows, 0,    0, scratch, p->kernel_width * p->input_channels, p->kernel_height,
                                      step, size, 0};
    for (int32_t column = 0; column < p->output_width; column += 2) {
        const int32_t other = column + 1 < p->output_width ? 1 : 0; /* a last pixel is paired with itself */
        ea_conv2d_vectors_gather(p, &gather, column * p->stride - p->padding, 1 + other, scratch);
        ea_conv2d_pair_all(p, scratch, scratch + other * size, y, y + other * p->output_channels);
        y += 2 * p->output_channels;
    }
}

#endif
