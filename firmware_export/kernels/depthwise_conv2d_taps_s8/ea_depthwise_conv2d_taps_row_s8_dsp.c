#ifndef EA_DEPTHWISE_CONV2D_TAPS_ROW_S8_DSP_C
#define EA_DEPTHWISE_CONV2D_TAPS_ROW_S8_DSP_C

#include "ea_depthwise_conv2d_taps_s8.h"
#include "ea_depthwise_doubled.h"
#include "ea_depthwise_taps.h"
#include "ea_language.h"
#include "ea_requantise.h"

/* Where the window of an output lies, from a channel on: every other pointer from x on. */
EA_INLINE void ea_depthwise_taps_place(
    const struct ea_depthwise_conv2d_taps_s8 *p, const int8_t *const rows[], int32_t output, int32_t channel,
    const int8_t **x)
{
    const int32_t start = output * p->stride - p->padding, step = p->dilation * p->channels;
    for (int32_t k = 0; k < p->kernel_height; k++) {
        int32_t column = start, at = start * p->channels + channel;
        for (int32_t i = 0; i < p->kernel_width; i++, column += p->dilation, at += step, x += 2)
            *x = column >= 0 && column < p->input_width ? rows[k] + at : p->outside + channel;
    }
}

/* All channels of two outputs: the last four may have been computed in part. */
EA_INLINE void ea_depthwise_taps_two(
    const struct ea_depthwise_conv2d_taps_s8 *p, const int8_t *const rows[], const int32_t at[2], int8_t *y,
    const int8_t **x)
{
    const int32_t taps = p->kernel_height * p->kernel_width, last = p->channels - EA_TAPS_CHANNELS;
    const int32_t whole = p->channels / EA_TAPS_CHANNELS;
    struct ea_depthwise_taps run = {x,          x + 2 * taps, y + at[0] * p->channels, y + at[1] * p->channels,
                                    p->numbers, whole};
    ea_depthwise_taps_place(p, rows, at[0], 0, x);
    ea_depthwise_taps_place(p, rows, at[1], 0, x + 1);
    ea_depthwise_taps_run(&run);
    if (p->channels == whole * EA_TAPS_CHANNELS)
        return;
    run.y += last;
    run.second += last;
    run.numbers += whole * (EA_TAPS_CHANNELS * (1 + EA_DOUBLED_NUMBERS) + 2 * taps);
    run.groups = 1;
    ea_depthwise_taps_place(p, rows, at[0], last, x);
    ea_depthwise_taps_place(p, rows, at[1], last, x + 1);
    ea_depthwise_taps_run(&run);
}

static void ea_depthwise_conv2d_taps_row_s8_dsp(
    const struct ea_depthwise_conv2d_taps_s8 *p, const int8_t *const rows[], int8_t *y, void *scratch)
{
    const int32_t end = p->output_width - 1;
    for (int32_t i = 0; i <= end; i += 2) {
        const int32_t at[2] = {i, i < end ? i + 1 : end};
        ea_depthwise_taps_two(p, rows, at, y, (const int8_t **)scratch);
    }
    if (p->low > -128 || p->high < 127)
        for (int32_t i = 0; i < p->output_width * p->channels; i++)
            y[i] = (int8_t)ea_clamp(y[i], p->low, p->high);
}

#endif
