#ifndef EA_SQUEEZE_MEAN_S8_MVE_C
#define EA_SQUEEZE_MEAN_S8_MVE_C

#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_squeeze_excite_s8.h"
#include "ea_vectors.h"

#if EA_HAS_VECTORS

/* r1: sums. r2: y. r3: input_offset. r5: addend. r6: -right. q2: multiplier. Narrowing saturates. */
EA_VECTOR_ASSEMBLY void ea_squeeze_mean_fours(
    const struct ea_squeeze_mean_s8 *p __attribute__((unused)), const void *sums __attribute__((unused)),
    int8_t *y __attribute__((unused)))
{
    __asm__ volatile("push {r4, r5, r6, lr}\n"
                     "ldrd r12, r3, [r0]\n"
                     "ldrd r4, r5, [r0, #8]\n"
                     "ldr r6, [r0, #16]\n"
                     "vdup.32 q2, r4\n"
                     "rsb r6, r6, #0\n"
                     "wlstp.32 lr, r12, 2f\n"
                     "1:\n"
                     "vldrw.u32 q0, [r1], #16\n"
                     "vadd.i32 q0, q0, r3\n"
                     "vshl.i32 q0, q0, #2\n"
                     "vmulh.s32 q1, q0, q2\n"
                     "vshr.s32 q0, q0, #31\n"
                     "vadd.i32 q1, q1, r5\n"
                     "vadd.i32 q1, q1, q0\n"
                     "vadd.i32 q1, q1, q0\n"
                     "vshl.s32 q1, r6\n"
                     "vqmovnb.s32 q1, q1\n"
                     "vqmovnb.s16 q1, q1\n"
                     "vstrb.32 q1, [r2], #4\n"
                     "letp lr, 1b\n"
                     "2:\n"
                     "pop {r4, r5, r6, pc}\n");
}

#else

EA_INLINE void ea_squeeze_mean_fours(const struct ea_squeeze_mean_s8 *p, const void *sums, int8_t *y)
{
    const int32_t *const total = (const int32_t *)sums;
    for (int32_t c = 0; c < p->channels; c++) {
        const int32_t wide = (total[c] + p->input_offset) * 4;
        const int32_t scaled = (int32_t)(((int64_t)wide * p->multiplier) >> 32);
        y[c] = (int8_t)ea_clamp((scaled + p->addend + (wide >> 31) * 2) >> p->right, -128, 127);
    }
}

#endif

static void ea_squeeze_mean_s8_mve(const struct ea_squeeze_mean_s8 *p, const void *sums, int8_t *y)
{
    ea_squeeze_mean_fours(p, sums, y);
}

#endif
