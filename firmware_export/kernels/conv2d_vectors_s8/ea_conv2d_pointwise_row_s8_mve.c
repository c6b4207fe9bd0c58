#ifndef EA_CONV2D_POINTWISE_ROW_S8_MVE
#define EA_CONV2D_POINTWISE_ROW_S8_MVE

#include "ea_conv2d_pair.h"
#include "ea_conv2d_vectors_s8.h"

static void ea_conv2d_pointwise_row_s8_mve(const struct ea_conv2d_vectors_s8 *p, const int8_t *const rows[], int8_t *y)
{
    const int32_t step = p->stride * p->input_channels;
    const int8_t *x = rows[0];
    for (int32_t left = p->output_width; left > 0; left -= 2) {
        const int32_t other = left > 1 ? 1 : 0; /* a last pixel is paired with itself */
        ea_conv2d_pair_all(p, x, x + other * step, y, y + other * p->output_channels);
        x += 2 * step;
        y += 2 * p->output_channels;
    }
}

#endif
