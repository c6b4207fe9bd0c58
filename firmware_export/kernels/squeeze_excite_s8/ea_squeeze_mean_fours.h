#ifndef EA_SQUEEZE_MEAN_FOURS_H
#define EA_SQUEEZE_MEAN_FOURS_H

#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_vectors.h"

#include <stdint.h>

/* y[c] = clamp(requantise_twice(sums[c] + input_offset, multiplier, shift) + output_offset, -128, 127); shift: -31 to -1. */
struct ea_squeeze_mean_fours {
    int32_t channels;
    int32_t input_offset;
    int32_t multiplier;
    int32_t shift;
    int32_t output_offset;
};

#if EA_HAS_VECTORS

/* For a shift to the right. Rounding shifts round halves up: a negative value is lowered by one before, so that its halves
 * go down. r1: sums. r2: y. r3: input_offset. r4: multiplier. r5: shift. r6: output_offset. q2: -128. q3: 127. */
EA_VECTOR_ASSEMBLY void ea_squeeze_mean_fours_run(
    const struct ea_squeeze_mean_fours *p __attribute__((unused)), const void *sums __attribute__((unused)),
    int8_t *y __attribute__((unused)))
{
    __asm__ volatile("push {r4, r5, r6, lr}\n"
                     "ldrd r12, r3, [r0]\n"
                     "ldrd r4, r5, [r0, #8]\n"
                     "ldr r6, [r0, #16]\n"
                     "vmvn.i32 q2, #127\n"
                     "vmov.i32 q3, #127\n"
                     "wlstp.32 lr, r12, 2f\n"
                     "1:\n"
                     "vldrw.u32 q0, [r1], #16\n"
                     "vadd.i32 q0, q0, r3\n"
                     "vshr.s32 q1, q0, #31\n"
                     "vqrdmlah.s32 q1, q0, r4\n"
                     "vrshl.s32 q1, r5\n"
                     "vadd.i32 q1, q1, r6\n"
                     "vmax.s32 q1, q1, q2\n"
                     "vmin.s32 q1, q1, q3\n"
                     "vstrb.32 q1, [r2], #4\n"
                     "letp lr, 1b\n"
                     "2:\n"
                     "pop {r4, r5, r6, pc}\n");
}

#else

EA_INLINE void ea_squeeze_mean_fours_run(const struct ea_squeeze_mean_fours *p, const void *sums, int8_t *y)
{
    const int32_t *const total = (const int32_t *)sums;
    for (int32_t c = 0; c < p->channels; c++) {
        const int32_t mean = ea_requantise_twice(ea_add(total[c], p->input_offset), p->multiplier, p->shift);
        y[c] = (int8_t)ea_clamp(mean + p->output_offset, -128, 127);
    }
}

#endif

#endif
