#ifndef EA_AVERAGE_POOL2D_ROW_S16_C
#define EA_AVERAGE_POOL2D_ROW_S16_C

#include "ea_average_pool2d_s16.h"
#include "ea_columns.h"
#include "ea_language.h"
#include "ea_requantise.h"

/* The sum of one channel in a window; `at` is the channel's place in a row, under the first column inside. */
EA_INLINE int32_t ea_average_pool2d_sum_s16_c(
    const int16_t *const rows[], int32_t rows_inside, int32_t at, int32_t columns, int32_t channels)
{
    uint32_t sum = 0;
    for (int32_t k = 0; k < rows_inside; k++) {
        const int16_t *x = rows[k] + at;
        for (int32_t i = 0; i < columns; i++) {
            const int32_t value = x[i * channels];
            sum += (uint32_t)value;
        }
    }
    return ea_wrap(sum);
}

static void ea_average_pool2d_row_s16_c(
    const struct ea_average_pool2d_s16 *p, const int16_t *const rows[], int32_t rows_inside, int16_t *y)
{
    for (int32_t column = 0; column < p->output_width; column++) {
        const int32_t start = column * p->stride - p->padding;
        const struct ea_columns inside = ea_columns_inside(start, 1, p->kernel_width, p->input_width);
        const int32_t count = rows_inside * inside.count;
        const int32_t first = inside.column * p->channels;
        for (int32_t c = 0; c < p->channels; c++) {
            const int32_t sum = ea_average_pool2d_sum_s16_c(rows, rows_inside, first + c, inside.count, p->channels);
            const int32_t average = ea_add(sum, sum > 0 ? count / 2 : -(count / 2)) / count;
            *y++ = (int16_t)ea_clamp(average, p->low, p->high);
        }
    }
}

#endif
