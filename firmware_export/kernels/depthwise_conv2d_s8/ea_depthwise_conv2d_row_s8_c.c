#ifndef EA_DEPTHWISE_CONV2D_ROW_S8_C
#define EA_DEPTHWISE_CONV2D_ROW_S8_C

#include "ea_columns.h"
#include "ea_depthwise_conv2d_s8.h"
#include "ea_language.h"
#include "ea_requantise.h"

/* One output value: input channel `channel` under the filter of output channel o. */
EA_INLINE int8_t ea_depthwise_conv2d_filter_s8_c(
    const struct ea_depthwise_conv2d_s8 *p, const int8_t *const rows[], struct ea_columns inside, int32_t channel,
    int32_t o)
{
    const int32_t outputs = p->input_channels * p->channel_multiplier;
    const int32_t step = p->dilation * p->input_channels;
    const int32_t offset = p->input_offset;
    uint32_t sum = (uint32_t)p->bias[o];
    for (int32_t k = 0; k < p->kernel_height; k++) {
        const int8_t *x = rows[k] + inside.column * p->input_channels + channel;
        const int8_t *w = p->weights + (k * p->kernel_width + inside.first) * outputs + o;
        for (int32_t i = 0; i < inside.count; i++)
            sum += (uint32_t)((x[i * step] + offset) * w[i * outputs]);
    }
    const int32_t scaled = ea_requantise_twice(ea_wrap(sum), p->multiplier[o], p->shift[o]);
    return (int8_t)ea_clamp(ea_add(scaled, p->output_offset), p->low, p->high);
}

static void ea_depthwise_conv2d_row_s8_c(const struct ea_depthwise_conv2d_s8 *p, const int8_t *const rows[], int8_t *y)
{
    for (int32_t column = 0; column < p->output_width; column++) {
        const int32_t start = column * p->stride - p->padding;
        const struct ea_columns inside = ea_columns_inside(start, p->dilation, p->kernel_width, p->input_width);
        for (int32_t channel = 0, o = 0; channel < p->input_channels; channel++)
            for (int32_t end = o + p->channel_multiplier; o < end; o++)
                *y++ = ea_depthwise_conv2d_filter_s8_c(p, rows, inside, channel, o);
    }
}

#endif
