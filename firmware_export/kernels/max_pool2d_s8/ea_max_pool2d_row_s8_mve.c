#ifndef EA_MAX_POOL2D_ROW_S8_MVE_C
#define EA_MAX_POOL2D_ROW_S8_MVE_C

#include "ea_columns.h"
#include "ea_max_pool2d_s8.h"
#include "ea_squeeze_excite_s8.h"
#include "ea_squeeze_max_s8_c.c"
#include "ea_squeeze_vectors.h"

#include <stdint.h>
#include <string.h>

static void ea_max_pool2d_row_s8_mve(
    const struct ea_max_pool2d_s8 *p, const int8_t *const rows[], int32_t rows_inside, int8_t *y)
{
    const struct ea_squeeze_max_s8 clamp = {p->output_width * p->channels, p->low, p->high};
    int8_t *maxima = y;
    memset(y, -128, (uint32_t)clamp.channels);
    for (int32_t column = 0; column < p->output_width; column++, maxima += p->channels) {
        const int32_t start = column * p->stride - p->padding;
        const struct ea_columns inside = ea_columns_inside(start, 1, p->kernel_width, p->input_width);
        const struct ea_squeeze row = {inside.count, p->channels};
        for (int32_t k = 0; k < rows_inside; k++)
            ea_squeeze_max_row_mve(&row, rows[k] + inside.column * p->channels, maxima);
    }
    if (p->low > -128 || p->high < 127)
        ea_squeeze_max_s8_c(&clamp, y, y);
}

#endif
