#ifndef EA_TRANSPOSE_CONV_ROW_S8_C
#define EA_TRANSPOSE_CONV_ROW_S8_C

#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_transpose_conv_s8.h"

/* The input columns that meet one output column: `count` of them, the first at `column` under kernel column `kernel`;
 * the next lies one to the left, under the kernel column a stride further. */
struct ea_transpose_conv_columns {
    int32_t column;
    int32_t kernel;
    int32_t count;
};

EA_INLINE struct ea_transpose_conv_columns ea_transpose_conv_meeting(const struct ea_transpose_conv_s8 *p, int32_t column)
{
    const int32_t place = column + p->padding;
    const int32_t last = place / p->stride;
    const int32_t skipped = last >= p->input_width ? last - p->input_width + 1 : 0;
    const int32_t kernel = place - (last - skipped) * p->stride;
    const int32_t left = last - skipped + 1;
    const int32_t fit = kernel < p->kernel_width ? (p->kernel_width - kernel - 1) / p->stride + 1 : 0;
    const struct ea_transpose_conv_columns found = {last - skipped, kernel, fit < left ? fit : left};
    return found;
}

/* sum + (x + offset) . w over the channels of one pixel. */
EA_INLINE uint32_t
ea_transpose_conv_dot(const int8_t *x, const int8_t *w, int32_t offset, int32_t count, uint32_t sum)
{
    for (int32_t i = 0; i < count; i++)
        sum += (uint32_t)((x[i] + offset) * w[i]);
    return sum;
}

/* The sum over one input row; w is the filter's kernel row. */
EA_INLINE uint32_t ea_transpose_conv_row_sum(
    const struct ea_transpose_conv_s8 *p,
    const int8_t *row,
    const int8_t *w,
    struct ea_transpose_conv_columns meeting,
    uint32_t sum)
{
    const int32_t channels = p->input_channels;
    for (int32_t i = 0; i < meeting.count; i++) {
        const int8_t *x = row + (meeting.column - i) * channels;
        sum = ea_transpose_conv_dot(
            x, w + (meeting.kernel + i * p->stride) * channels, p->input_offset, channels, sum);
    }
    return sum;
}

EA_INLINE int8_t ea_transpose_conv_filter(
    const struct ea_transpose_conv_s8 *p,
    const int8_t *const rows[],
    int32_t phase,
    struct ea_transpose_conv_columns meeting,
    int32_t o)
{
    const int32_t row_weights = p->kernel_width * p->input_channels;
    const int8_t *w = p->weights + o * p->kernel_height * row_weights;
    uint32_t sum = (uint32_t)p->bias[o];
    for (int32_t k = phase; k < p->kernel_height; k += p->row_stride)
        sum = ea_transpose_conv_row_sum(p, *rows++, w + k * row_weights, meeting, sum);
    const int32_t scaled = ea_requantise_twice(ea_wrap(sum), p->multiplier[o], p->shift[o]);
    return (int8_t)ea_clamp(ea_add(scaled, p->output_offset), p->low, p->high);
}

static void ea_transpose_conv_row_s8_c(
    const struct ea_transpose_conv_s8 *p, const int8_t *const rows[], int32_t phase, int8_t *y)
{
    for (int32_t column = 0; column < p->output_width; column++) {
        const struct ea_transpose_conv_columns meeting = ea_transpose_conv_meeting(p, column);
        for (int32_t o = 0; o < p->output_channels; o++)
            *y++ = ea_transpose_conv_filter(p, rows, phase, meeting, o);
    }
}

#endif
