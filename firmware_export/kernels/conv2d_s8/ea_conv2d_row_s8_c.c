#ifndef EA_CONV2D_ROW_S8_C
#define EA_CONV2D_ROW_S8_C

#include "ea_conv2d_s8.h"
#include "ea_requantise.h"

/* The filter's sum over one kernel row: x is a whole input row, w the filter's weights for it. */
static inline int32_t ea_conv2d_dot_s8_c(
    const struct ea_conv2d_s8 *p, const int8_t *x, const int8_t *w, int32_t column, int32_t sum)
{
    for (int32_t k = 0; k < p->kernel_width; k++, column += p->dilation, w += p->group_inputs) {
        if (column < 0 || column >= p->input_width)
            continue;
        const int8_t *pixel = x + column * p->input_channels;
        for (int32_t i = 0; i < p->group_inputs; i++)
            sum += (pixel[i] + p->input_offset) * w[i];
    }
    return sum;
}

static void ea_conv2d_row_s8_c(const struct ea_conv2d_s8 *p, const int8_t *const rows[], int8_t *y)
{
    const int32_t row_weights = p->kernel_width * p->group_inputs;
    for (int32_t column = 0; column < p->output_width; column++) {
        const int8_t *w = p->weights;
        for (int32_t o = 0; o < p->output_channels; o++) {
            const int32_t first = o / p->group_outputs * p->group_inputs;
            int32_t sum = 0;
            for (int32_t k = 0; k < p->kernel_height; k++, w += row_weights)
                sum = ea_conv2d_dot_s8_c(p, rows[k] + first, w, column * p->stride - p->padding, sum);
            sum = ea_requantise_twice(ea_add(sum, p->bias[o]), p->multiplier[o], p->shift[o]);
            *y++ = (int8_t)ea_clamp(ea_add(sum, p->output_offset), p->low, p->high);
        }
    }
}

#endif
