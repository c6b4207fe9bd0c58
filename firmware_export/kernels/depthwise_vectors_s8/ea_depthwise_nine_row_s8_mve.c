#ifndef EA_DEPTHWISE_NINE_ROW_S8_MVE_C
#define EA_DEPTHWISE_NINE_ROW_S8_MVE_C

#include "ea_depthwise_columns.h"
#include "ea_depthwise_run.h"
#include "ea_depthwise_run_nine.h"
#include "ea_depthwise_vectors_s8.h"

static void ea_depthwise_nine_row_s8_mve(const struct ea_depthwise_vectors_s8 *p, const int8_t *const rows[], int8_t *y)
{
    const int8_t *taps[9 + 1];
    int32_t count = 0;
    for (int32_t column = 0; column < p->output_width; column += count, y += count * p->channels) {
        struct ea_depthwise_run run = ea_depthwise_run_from(p, rows, column, taps, y);
        count = run.pixels;
        ea_depthwise_run_nine(&run);
    }
}

#endif
