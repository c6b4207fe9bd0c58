#ifndef EA_CONV2D_ROW_S8_C
#define EA_CONV2D_ROW_S8_C

#include "ea_columns.h"
#include "ea_conv2d_s8.h"
#include "ea_language.h"
#include "ea_requantise.h"

/* sum + (x + offset) . w over `count` values that lie together. */
EA_INLINE uint32_t ea_conv2d_dot_s8_c(const int8_t *x, const int8_t *w, int32_t offset, int32_t count, uint32_t sum)
{
    for (int32_t i = 0; i < count; i++)
        sum += (uint32_t)((x[i] + offset) * w[i]);
    return sum;
}

/* The filter's sum over one kernel row: x and w are at the first column inside, and its channels of the input. */
EA_INLINE uint32_t
ea_conv2d_sum_s8_c(const struct ea_conv2d_s8 *p, const int8_t *x, const int8_t *w, int32_t columns, uint32_t sum)
{
    const int32_t step = p->dilation * p->input_channels;
    if (step == p->group_inputs) /* then the columns lie side by side */
        return ea_conv2d_dot_s8_c(x, w, p->input_offset, columns * p->group_inputs, sum);
    for (int32_t k = 0; k < columns; k++)
        sum = ea_conv2d_dot_s8_c(x + k * step, w + k * p->group_inputs, p->input_offset, p->group_inputs, sum);
    return sum;
}

EA_INLINE int8_t ea_conv2d_filter_s8_c(
    const struct ea_conv2d_s8 *p, const int8_t *const rows[], struct ea_columns inside, int32_t channel, int32_t o)
{
    const int32_t row_weights = p->kernel_width * p->group_inputs;
    const int32_t at = inside.column * p->input_channels + channel;
    const int8_t *w = p->weights + o * p->kernel_height * row_weights + inside.first * p->group_inputs;
    uint32_t sum = (uint32_t)p->bias[o];
    for (int32_t k = 0; k < p->kernel_height; k++)
        sum = ea_conv2d_sum_s8_c(p, rows[k] + at, w + k * row_weights, inside.count, sum);
    const int32_t scaled = ea_requantise_twice(ea_wrap(sum), p->multiplier[o], p->shift[o]);
    return (int8_t)ea_clamp(ea_add(scaled, p->output_offset), p->low, p->high);
}

static void ea_conv2d_row_s8_c(const struct ea_conv2d_s8 *p, const int8_t *const rows[], int8_t *y)
{
    for (int32_t column = 0; column < p->output_width; column++) {
        const int32_t start = column * p->stride - p->padding;
        const struct ea_columns inside = ea_columns_inside(start, p->dilation, p->kernel_width, p->input_width);
        for (int32_t o = 0, channel = 0; o < p->output_channels; channel += p->group_inputs)
            for (int32_t end = o + p->group_outputs; o < end; o++)
                *y++ = ea_conv2d_filter_s8_c(p, rows, inside, channel, o);
    }
}

#endif
