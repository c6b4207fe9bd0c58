#ifndef EA_MAX_POOL2D_ROW_S16_C
#define EA_MAX_POOL2D_ROW_S16_C

#include "ea_columns.h"
#include "ea_language.h"
#include "ea_max_pool2d_s16.h"
#include "ea_requantise.h"

/* The maximum of one channel in a window; `at` is the channel's place in a row, under the first column inside. */
EA_INLINE int32_t ea_max_pool2d_maximum_s16_c(
    const int16_t *const rows[], int32_t rows_inside, int32_t at, int32_t columns, int32_t channels)
{
    int32_t maximum = -32768;
    for (int32_t k = 0; k < rows_inside; k++) {
        const int16_t *x = rows[k] + at;
        for (int32_t i = 0; i < columns; i++)
            maximum = x[i * channels] > maximum ? x[i * channels] : maximum;
    }
    return maximum;
}

static void ea_max_pool2d_row_s16_c(
    const struct ea_max_pool2d_s16 *p, const int16_t *const rows[], int32_t rows_inside, int16_t *y)
{
    for (int32_t column = 0; column < p->output_width; column++) {
        const int32_t start = column * p->stride - p->padding;
        const struct ea_columns inside = ea_columns_inside(start, 1, p->kernel_width, p->input_width);
        const int32_t first = inside.column * p->channels;
        for (int32_t c = 0; c < p->channels; c++) {
            const int32_t maximum = ea_max_pool2d_maximum_s16_c(rows, rows_inside, first + c, inside.count, p->channels);
            *y++ = (int16_t)ea_clamp(maximum, p->low, p->high);
        }
    }
}

#endif
