#ifndef EA_DEPTHWISE_CONV2D_PAIRS_ROW_S8_DSP_C
#define EA_DEPTHWISE_CONV2D_PAIRS_ROW_S8_DSP_C

#include "ea_depthwise_conv2d_pairs_s8.h"
#include "ea_depthwise_pairs.h"
#include "ea_dsp.h"
#include "ea_language.h"
#include "ea_requantise.h"

/* The lower halves of a and b as a pair, or the upper ones. */
EA_INLINE uint32_t ea_pairs_lower(uint32_t a, uint32_t b)
{
    return (a & 0xffffu) | b << 16;
}

EA_INLINE uint32_t ea_pairs_upper(uint32_t a, uint32_t b)
{
    return a >> 16 | (b & 0xffff0000u);
}

/* Four channels of a and b as pairs. */
EA_INLINE void ea_pairs_split(uint32_t a, uint32_t b, uint32_t *to)
{
    const uint32_t even_a = ea_even_bytes(a), even_b = ea_even_bytes(b);
    const uint32_t odd_a = ea_odd_bytes(a), odd_b = ea_odd_bytes(b);
    to[0] = ea_pairs_lower(even_a, even_b);
    to[EA_PAIRS_WORDS] = ea_pairs_lower(odd_a, odd_b);
    to[2 * EA_PAIRS_WORDS] = ea_pairs_upper(even_a, even_b);
    to[3 * EA_PAIRS_WORDS] = ea_pairs_upper(odd_a, odd_b);
}

/* Two columns of four channels as pairs. outside: four zero points. */
EA_INLINE void ea_pairs_columns_s8_dsp(
    const struct ea_depthwise_conv2d_pairs_s8 *p, const int8_t *const rows[], int32_t channel, int32_t column,
    uint32_t outside, uint32_t *to)
{
    uint32_t words[2][3] = {{outside, outside, outside}, {outside, outside, outside}};
    for (int32_t i = 0; i < 2; i++) {
        const int32_t at = (column + i) * p->channels + channel;
        if (column + i < 0 || column + i >= p->input_width)
            continue;
        words[i][0] = ea_word_at(rows[0] + at);
        words[i][1] = ea_word_at(rows[1] + at);
        words[i][2] = ea_word_at(rows[2] + at);
    }
    ea_pairs_split(words[0][0], words[0][1], to);
    ea_pairs_split(words[1][0], words[1][1], to + 1);
    ea_pairs_split(words[0][2], words[1][2], to + 2);
}

/* The same where both columns lie inside the rows, from `at` on; step: from one column to the next. */
EA_INLINE void ea_pairs_inside_s8_dsp(const int8_t *a, const int8_t *b, const int8_t *c, int32_t step, uint32_t *to)
{
    ea_pairs_split(ea_word_at(a), ea_word_at(b), to);
    ea_pairs_split(ea_word_at(a + step), ea_word_at(b + step), to + 1);
    ea_pairs_split(ea_word_at(c), ea_word_at(c + step), to + 2);
}

/* All columns of four channels as pairs. */
EA_INLINE void ea_pairs_gather_s8_dsp(
    const struct ea_depthwise_conv2d_pairs_s8 *p, const int8_t *const rows[], int32_t channel, int32_t pairs, uint32_t *to)
{
    const uint32_t outside = ((uint32_t)p->input_zero_point & 0xffu) * 0x01010101u;
    const int32_t end = 2 * pairs - p->padding, step = p->channels;
    int32_t column = -p->padding;
    for (; column < 0 && column < end; column += 2, to += EA_PAIRS_STEP)
        ea_pairs_columns_s8_dsp(p, rows, channel, column, outside, to);
    const int32_t first = column * step + channel;
    const int8_t *a = rows[0] + first, *b = rows[1] + first, *c = rows[2] + first;
    for (; column < end && column + 1 < p->input_width; column += 2, to += EA_PAIRS_STEP) {
        ea_pairs_inside_s8_dsp(a, b, c, step, to);
        a += 2 * step;
        b += 2 * step;
        c += 2 * step;
    }
    for (; column < end; column += 2, to += EA_PAIRS_STEP)
        ea_pairs_columns_s8_dsp(p, rows, channel, column, outside, to);
}

static void ea_depthwise_conv2d_pairs_row_s8_dsp(
    const struct ea_depthwise_conv2d_pairs_s8 *p, const int8_t *const rows[], int8_t *y, void *scratch)
{
    const int32_t width = p->output_width, channels = p->channels;
    const int32_t pairs = p->stride == 1 ? (width + 3) >> 1 : width + 1;
    const int32_t last = channels - EA_PAIRS_CHANNELS;
    struct ea_depthwise_pairs four = {(const uint32_t *)scratch, y, p->numbers, channels, 0, width * channels};
    four.whole = p->stride == 1 ? (width & ~3) * channels : 0;
    for (int32_t c = 0; c < channels; c += EA_PAIRS_CHANNELS) {
        const int32_t channel = c < last ? c : last; /* the last four may have been computed in part */
        ea_pairs_gather_s8_dsp(p, rows, channel, pairs, (uint32_t *)scratch);
        four.y = y + channel;
        four.numbers = p->numbers + channel * EA_PAIRS_NUMBERS;
        if (p->stride == 1)
            ea_depthwise_pairs_run(&four);
        else
            ea_depthwise_pairs_stride2_run(&four);
    }
    if (p->low > -128 || p->high < 127)
        for (int32_t i = 0; i < width * channels; i++)
            y[i] = (int8_t)ea_clamp(y[i], p->low, p->high);
}

#endif
