#ifndef EA_CONV2D_SUM_S16_H
#define EA_CONV2D_SUM_S16_H

#include "ea_columns.h"
#include "ea_conv2d_s16.h"
#include "ea_language.h"
#include "ea_sum_s16.h"

/* Filter o's sum over one kernel row: x and w are at the first column inside, and its channels of the input. */
EA_INLINE int64_t
ea_conv2d_row_sum_s16(const struct ea_conv2d_shape_s16 *p, const int16_t *x, const int8_t *w, int32_t columns)
{
    const int32_t step = p->dilation * p->input_channels;
    if (step == p->group_inputs) /* then the columns lie side by side */
        return ea_dot_s16(x, w, columns * p->group_inputs);
    int64_t sum = 0;
    for (int32_t k = 0; k < columns; k++)
        sum += ea_dot_s16(x + k * step, w + k * p->group_inputs, p->group_inputs);
    return sum;
}

/* Filter o's sum without its bias, at the columns inside, of the input channels from `channel` on. */
EA_INLINE int64_t ea_conv2d_sum_s16(
    const struct ea_conv2d_shape_s16 *p, const int16_t *const rows[], struct ea_columns inside, int32_t channel,
    int32_t o)
{
    const int32_t row_weights = p->kernel_width * p->group_inputs;
    const int32_t at = inside.column * p->input_channels + channel;
    const int8_t *w = p->weights + o * p->kernel_height * row_weights + inside.first * p->group_inputs;
    int64_t sum = 0;
    for (int32_t k = 0; k < p->kernel_height; k++)
        sum += ea_conv2d_row_sum_s16(p, rows[k] + at, w + k * row_weights, inside.count);
    return sum;
}

#endif
