#ifndef EA_DEPTHWISE_VECTORS_ROW_S8_MVE
#define EA_DEPTHWISE_VECTORS_ROW_S8_MVE

#include "ea_depthwise_run.h"
#include "ea_depthwise_vectors_s8.h"
#include "ea_language.h"

/* Where the values of the output pixel lie whose kernel begins at column `start`. */
EA_INLINE void ea_depthwise_vectors_taps(
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
EA_INLINE int32_t ea_depthwise_vectors_run(const struct ea_depthwise_vectors_s8 *p, int32_t column, int32_t start)
{
    const int32_t room = p->input_width - 1 - (p->kernel_width - 1) * p->dilation - start;
    const int32_t left = p->output_width - column;
    const int32_t inside = start < 0 || room < 0 ? 1 : room / p->stride + 1;
    return inside < left ? inside : left;
}

static void ea_depthwise_vectors_row_s8_mve(
    const struct ea_depthwise_vectors_s8 *p, const int8_t *const rows[], int8_t *y)
{
    const int8_t *taps[EA_DEPTHWISE_VECTORS_TAPS + 1];
    const int32_t pairs = p->kernel_height * p->kernel_width / 2;
    const int32_t step = p->stride * p->channels;
    int32_t count = 0;
    for (int32_t column = 0; column < p->output_width; column += count) {
        const int32_t start = column * p->stride - p->padding;
        count = ea_depthwise_vectors_run(p, column, start);
        ea_depthwise_vectors_taps(p, rows, start, taps);
        struct ea_depthwise_run run = {taps,   pairs,   p->weights,  p->numbers, y,    p->output_offset,
                                       p->low, p->high, p->channels, step,       count};
        ea_depthwise_run_all(&run);
        y += count * p->channels;
    }
}

#endif
