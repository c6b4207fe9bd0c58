#ifndef EA_DEPTHWISE_COLUMNS_H
#define EA_DEPTHWISE_COLUMNS_H

#include "ea_depthwise_run.h"
#include "ea_depthwise_vectors_s8.h"
#include "ea_language.h"

#include <stdint.h>

/* Where the values of the output pixel lie whose kernel begins at column `start`. */
EA_INLINE void ea_depthwise_taps(
    const struct ea_depthwise_vectors_s8 *p, const int8_t *const rows[], int32_t start, const int8_t **taps)
{
    for (int32_t k = 0; k < p->kernel_height; k++) {
        int32_t column = start;
        for (int32_t i = 0; i < p->kernel_width; i++, column += p->dilation) {
            const int is_inside = column >= 0 && column < p->input_width;
            *taps++ = is_inside ? rows[k] + column * p->channels : p->outside;
        }
    }
    taps[0] = taps[-1];
}

/* How many output pixels from this one on have their whole kernel inside the image, or 1. */
EA_INLINE int32_t ea_depthwise_pixels(const struct ea_depthwise_vectors_s8 *p, int32_t column, int32_t start)
{
    const int32_t room = p->input_width - 1 - (p->kernel_width - 1) * p->dilation - start;
    const int32_t left = p->output_width - column;
    const int32_t inside = start < 0 || room < 0 ? 1 : room / p->stride + 1;
    return inside < left ? inside : left;
}

/* The run that begins with an output column, of whose taps there is room for one more. */
EA_INLINE struct ea_depthwise_run ea_depthwise_run_from(
    const struct ea_depthwise_vectors_s8 *p, const int8_t *const rows[], int32_t column, const int8_t **taps, int8_t *y)
{
    const int32_t start = column * p->stride - p->padding;
    const struct ea_depthwise_run run = {
        taps,
        p->kernel_height * p->kernel_width / 2,
        p->weights,
        p->numbers,
        y,
        p->output_offset,
        p->low,
        p->high,
        p->channels,
        p->stride * p->channels,
        ea_depthwise_pixels(p, column, start)};
    ea_depthwise_taps(p, rows, start, taps);
    return run;
}

#endif
