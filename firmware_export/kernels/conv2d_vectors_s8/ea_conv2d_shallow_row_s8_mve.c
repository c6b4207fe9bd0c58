#ifndef EA_CONV2D_SHALLOW_ROW_S8_MVE_C
#define EA_CONV2D_SHALLOW_ROW_S8_MVE_C

#include "ea_conv2d_shallow.h"
#include "ea_conv2d_vectors_s8.h"

/* A last pixel is paired with itself. */
static void ea_conv2d_shallow_row_s8_mve(const struct ea_conv2d_vectors_s8 *p, const int8_t *const rows[], int8_t *y)
{
    const int32_t last = p->output_width - 1, x_step = p->stride * p->input_channels;
    const int32_t *const end = p->channels + 3 * p->output_channels;
    struct ea_conv2d_shallow run = {
        rows[0],
        x_step,
        p->input_channels,
        y,
        p->output_channels,
        p->output_width / 2,
        p->weights,
        p->channels,
        end,
        p->output_offset,
        p->low,
        p->high};
    if (last > 0)
        ea_conv2d_shallow_run(&run);
    if (last % 2 != 0)
        return;
    run.x = rows[0] + last * x_step;
    run.y = y + last * p->output_channels;
    run.x_step = 0;
    run.y_step = 0;
    run.pairs = 1;
    ea_conv2d_shallow_run(&run);
}

#endif
