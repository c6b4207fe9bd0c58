#ifndef EA_DEPTHWISE_CONV2D_ROW_S16_C
#define EA_DEPTHWISE_CONV2D_ROW_S16_C

#include "ea_columns.h"
#include "ea_depthwise_conv2d_s16.h"
#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_sum_s16.h"

/* One output value: input channel `channel` under the filter of output channel o. */
EA_INLINE int16_t ea_depthwise_conv2d_filter_s16_c(
    const struct ea_depthwise_conv2d_s16 *p, const int16_t *const rows[], struct ea_columns inside, int32_t channel,
    int32_t o)
{
    const int32_t outputs = p->input_channels * p->channel_multiplier;
    const int32_t step = p->dilation * p->input_channels;
    int64_t sum = p->bias[o];
    for (int32_t k = 0; k < p->kernel_height; k++) {
        const int16_t *x = rows[k] + inside.column * p->input_channels + channel;
        const int8_t *w = p->weights + (k * p->kernel_width + inside.first) * outputs + o;
        for (int32_t i = 0; i < inside.count; i++)
            sum += x[i * step] * w[i * outputs];
    }
    const int32_t scaled = ea_requantise_wide(sum, p->multiplier[o], p->right[o]);
    return (int16_t)ea_clamp(scaled, p->low, p->high);
}

static void
ea_depthwise_conv2d_row_s16_c(const struct ea_depthwise_conv2d_s16 *p, const int16_t *const rows[], int16_t *y)
{
    for (int32_t column = 0; column < p->output_width; column++) {
        const int32_t start = column * p->stride - p->padding;
        const struct ea_columns inside = ea_columns_inside(start, p->dilation, p->kernel_width, p->input_width);
        for (int32_t channel = 0, o = 0; channel < p->input_channels; channel++)
            for (int32_t end = o + p->channel_multiplier; o < end; o++)
                *y++ = ea_depthwise_conv2d_filter_s16_c(p, rows, inside, channel, o);
    }
}

#endif
