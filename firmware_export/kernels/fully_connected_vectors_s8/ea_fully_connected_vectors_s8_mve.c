#ifndef EA_FULLY_CONNECTED_VECTORS_S8_MVE
#define EA_FULLY_CONNECTED_VECTORS_S8_MVE

#include "ea_fully_connected_quads.h"
#include "ea_fully_connected_vectors_s8.h"

static void
ea_fully_connected_vectors_s8_mve(const struct ea_fully_connected_vectors_s8 *p, const int8_t *x, int8_t *y)
{
    const int32_t quads = p->units / 4;
    const int32_t rest = p->units & 3;
    const int32_t *const end = p->channels + quads * 12;
    for (int32_t row = 0; row < p->rows; row++, x += p->depth, y += p->units) {
        struct ea_fully_connected_quads run = {
            x, p->first, p->low, p->high, p->blocks, p->weights, y, p->output_offset, p->channels, end};
        if (quads > 0)
            ea_fully_connected_quads_run(&run);
        if (rest == 0)
            continue;
        int8_t last[4]; /* of which few are kept */
        run.y = last;
        run.end = end + 12;
        ea_fully_connected_quads_run(&run);
        for (int32_t unit = 0; unit < rest; unit++)
            y[quads * 4 + unit] = last[unit];
    }
}

#endif
