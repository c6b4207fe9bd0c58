#ifndef EA_DEPTHWISE_STRIPS_ROW_S8_C
#define EA_DEPTHWISE_STRIPS_ROW_S8_C

#include "ea_depthwise_strip.h"
#include "ea_depthwise_strips_s8.h"
#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_thumb.h"

#include <string.h>

/* Columns of four channels, of three rows that are words in memory, or need not be. */
EA_INLINE int8_t *ea_depthwise_strips_words_s8_c(
    const int8_t *const three[3], int32_t channels, int32_t columns, int8_t *to)
{
    const int8_t *top = three[0], *middle = three[1], *bottom = three[2];
    for (; columns > 0; columns--, top += channels, middle += channels, bottom += channels) {
        ea_depthwise_strip_move_word(top, to);
        ea_depthwise_strip_move_word(middle, to + 4);
        ea_depthwise_strip_move_word(bottom, to + 8);
        to += EA_STRIP_COLUMN_BYTES;
    }
    return to;
}

/* The same of any rows. at: bytes from a row's start. */
EA_INLINE int8_t *ea_depthwise_strips_columns_s8_c(
    const int8_t *const rows[], int32_t at, int32_t channels, int32_t columns, int8_t *to)
{
    const int8_t *const three[3] = {rows[0] + at, rows[1] + at, rows[2] + at};
#if EA_HAS_THUMB
    const uintptr_t all = (uintptr_t)three[0] | (uintptr_t)three[1] | (uintptr_t)three[2] | (uintptr_t)channels;
    if ((all & 3u) != 0) {
        for (int32_t i = 0; i < columns * channels; i += channels)
            for (int32_t row = 0; row < 3; row++, to += EA_STRIP_ROW_BYTES)
                ea_depthwise_strip_move(three[row] + i, to);
        return to;
    }
#endif
    return ea_depthwise_strips_words_s8_c(three, channels, columns, to);
}

/* Columns outside the image. */
EA_INLINE int8_t *ea_depthwise_strips_outside_s8_c(int32_t value, int32_t columns, int8_t *to)
{
    const int8_t zero_points[4] = {(int8_t)value, (int8_t)value, (int8_t)value, (int8_t)value};
    for (int32_t left = columns * 3; left > 0; left--, to += EA_STRIP_ROW_BYTES)
        ea_depthwise_strip_move(zero_points, to);
    return to;
}

/* What lies under the windows of a row, of the four channels from `channel` on. */
EA_INLINE void ea_depthwise_strips_gather_s8_c(
    const struct ea_depthwise_strips_s8 *p, const int8_t *const rows[], int32_t channel, int8_t *to)
{
    const int32_t columns = (p->output_width - 1) * p->stride + 3; /* the first one at -padding */
    const int32_t before = p->padding < columns ? p->padding : columns;
    const int32_t reach = columns - before < p->input_width ? columns - before : p->input_width;
    to = ea_depthwise_strips_outside_s8_c(p->input_zero_point, before, to);
    to = ea_depthwise_strips_columns_s8_c(rows, channel, p->channels, reach, to);
    ea_depthwise_strips_outside_s8_c(p->input_zero_point, columns - before - reach, to);
}

static void ea_depthwise_strips_row_s8_c(
    const struct ea_depthwise_strips_s8 *p, const int8_t *const rows[], int8_t *y, void *scratch)
{
    int8_t *const x = (int8_t *)scratch;
    const int32_t last = p->channels - EA_STRIP_CHANNELS, step = p->stride * EA_STRIP_COLUMN_BYTES;
    struct ea_depthwise_strip strip = {x, y, p->weights, step, x + p->output_width * step, p->channels, p->addend};
    for (int32_t channel = 0; channel < p->channels; channel += EA_STRIP_CHANNELS) {
        const int32_t first = channel < last ? channel : last; /* some of the last ones twice */
        ea_depthwise_strips_gather_s8_c(p, rows, first, x);
        strip.y = y + first;
        ea_depthwise_strip_run(&strip);
        strip.weights += EA_STRIP_QUAD_WORDS;
    }
    if (p->low > -128 || p->high < 127)
        for (int32_t i = 0; i < p->output_width * p->channels; i++)
            y[i] = (int8_t)ea_clamp(y[i], p->low, p->high);
}

#endif
