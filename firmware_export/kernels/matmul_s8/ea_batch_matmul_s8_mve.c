#ifndef EA_BATCH_MATMUL_S8_MVE_C
#define EA_BATCH_MATMUL_S8_MVE_C

#include "ea_matmul_s8.h"
#include "ea_matmul_vectors.h"
#include "ea_requantise.h"
#include "ea_squeeze_mean_fours.h"

/* For a shift to the right, and nothing to clamp. scratch: an int32 for each column. */
static void ea_batch_matmul_s8_mve(
    const struct ea_matmul_s8 *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    struct ea_squeeze_mean_fours scale = {p->columns, 0, (int32_t)p->multiplier, p->shift, p->output_offset};
    struct ea_broadcast_run run = ea_broadcast_first(a, b);
    for (int32_t i = 0; i < p->batches->runs; i++) {
        for (int32_t row = 0; row < p->rows; row++, y += p->columns) {
            const int8_t *const values = run.a + row * p->a_row_step;
            scale.input_offset = ea_wrap(ea_matmul_vectors_row(p, values, run.b, (uint32_t *)scratch));
            ea_squeeze_mean_fours_run(&scale, scratch, y);
        }
        ea_broadcast_next(p->batches, &run);
    }
}

#endif
