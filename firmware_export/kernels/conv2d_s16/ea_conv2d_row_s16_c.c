#ifndef EA_CONV2D_ROW_S16_C
#define EA_CONV2D_ROW_S16_C

#include "ea_conv2d_s16.h"
#include "ea_conv2d_sum_s16.h"
#include "ea_requantise.h"

static void ea_conv2d_row_s16_c(const struct ea_conv2d_s16 *p, const int16_t *const rows[], int16_t *y)
{
    const struct ea_conv2d_shape_s16 *const s = p->shape;
    for (int32_t column = 0; column < s->output_width; column++) {
        const int32_t start = column * s->stride - s->padding;
        const struct ea_columns inside = ea_columns_inside(start, s->dilation, s->kernel_width, s->input_width);
        for (int32_t o = 0, channel = 0; o < s->output_channels; channel += s->group_inputs)
            for (int32_t end = o + s->group_outputs; o < end; o++) {
                const int64_t sum = p->bias[o] + ea_conv2d_sum_s16(s, rows, inside, channel, o);
                const int32_t scaled = ea_requantise_wide(sum, p->multiplier[o], p->right[o]);
                *y++ = (int16_t)ea_clamp(scaled, s->low, s->high);
            }
    }
}

#endif
