#ifndef EA_AVERAGE_POOL2D_ROW_S8_MVE_C
#define EA_AVERAGE_POOL2D_ROW_S8_MVE_C

#include "ea_average_pool2d_s8.h"
#include "ea_columns.h"
#include "ea_squeeze_average_s8_c.c"
#include "ea_squeeze_excite_s8.h"
#include "ea_squeeze_vectors.h"

#include <stdint.h>
#include <string.h>

/* sums: an int32 for each channel, a multiple of eight. */
static void ea_average_pool2d_row_s8_mve(
    const struct ea_average_pool2d_s8 *p, const int8_t *const rows[], int32_t rows_inside, int8_t *y, void *sums)
{
    for (int32_t column = 0; column < p->output_width; column++, y += p->channels) {
        const int32_t start = column * p->stride - p->padding;
        const struct ea_columns inside = ea_columns_inside(start, 1, p->kernel_width, p->input_width);
        const struct ea_squeeze row = {inside.count, p->channels};
        const struct ea_squeeze_average_s8 average = {p->channels, rows_inside * inside.count, p->low, p->high};
        memset(sums, 0, 4u * (uint32_t)p->channels);
        for (int32_t k = 0; k < rows_inside; k++)
            ea_squeeze_sum_row_mve(&row, rows[k] + inside.column * p->channels, sums);
        ea_squeeze_average_s8_c(&average, sums, y);
    }
}

#endif
