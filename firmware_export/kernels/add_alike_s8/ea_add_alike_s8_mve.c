#ifndef EA_ADD_ALIKE_S8_MVE_C
#define EA_ADD_ALIKE_S8_MVE_C

#include "ea_add_alike_one.h"
#include "ea_add_alike_s8.h"
#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_vectors.h"

#if EA_HAS_VECTORS

/* Four sums at a time. vqrdmlah doubles: nothing else is doubled here, and offsets are halved.
 * r1: a. r2: b. r3: y. r4: b_offset. r5: b_multiplier. r6: minus b_right. r7: a_offset. r8: 2^19. r9: output_multiplier.
 * r10: output_addend. r11: minus output_right. q5: 2^20. q6: low. q7: high. */
EA_VECTOR_ASSEMBLY void ea_add_alike_fours(
    const struct ea_add_alike_s8 *p __attribute__((unused)), const int8_t *a __attribute__((unused)),
    const int8_t *b __attribute__((unused)), int8_t *y __attribute__((unused)))
{
    __asm__ volatile("push {r4, r5, r6, r7, r8, r9, r10, r11, r12, lr}\n"
                     "vpush {d10, d11, d12, d13, d14, d15}\n"
                     "ldrd lr, r4, [r0]\n"
                     "ldr r5, [r0, #8]\n"
                     "ldrd r6, r7, [r0, #16]\n"
                     "ldrd r9, r10, [r0, #24]\n"
                     "ldrd r11, r12, [r0, #32]\n"
                     "ldr r0, [r0, #40]\n"
                     "asr r4, r4, #1\n"
                     "asr r7, r7, #1\n"
                     "rsb r6, r6, #0\n"
                     "rsb r11, r11, #0\n"
                     "vdup.32 q6, r12\n"
                     "vdup.32 q7, r0\n"
                     "mov r0, #0x100000\n"
                     "mov r8, #0x80000\n"
                     "vdup.32 q5, r0\n"
                     "wlstp.32 lr, lr, 2f\n"
                     "1:\n"
                     "vldrb.s32 q0, [r2], #4\n"
                     "vmlas.s32 q0, q5, r4\n"
                     "vshr.s32 q1, q0, #31\n"
                     "vldrb.s32 q2, [r1], #4\n"
                     "vqrdmlah.s32 q1, q0, r5\n"
                     "vrshl.s32 q1, r6\n"
                     "vmla.s32 q1, q2, r8\n"
                     "vadd.i32 q1, q1, r7\n"
                     "vshr.s32 q0, q1, #31\n"
                     "vadd.i32 q0, q0, r10\n"
                     "vqrdmlah.s32 q0, q1, r9\n"
                     "vshl.s32 q0, r11\n"
                     "vmax.s32 q0, q0, q6\n"
                     "vmin.s32 q0, q0, q7\n"
                     "vstrb.32 q0, [r3], #4\n"
                     "letp lr, 1b\n"
                     "2:\n"
                     "vpop {d10, d11, d12, d13, d14, d15}\n"
                     "pop {r4, r5, r6, r7, r8, r9, r10, r11, r12, pc}\n");
}

#else

EA_INLINE void ea_add_alike_fours(const struct ea_add_alike_s8 *p, const int8_t *a, const int8_t *b, int8_t *y)
{
    for (int32_t i = 0; i < p->count; i++)
        y[i] = (int8_t)ea_clamp(ea_add_alike_one(p, a[i], b[i]), p->low, p->high);
}

#endif

static void ea_add_alike_s8_mve(const struct ea_add_alike_s8 *p, const int8_t *a, const int8_t *b, int8_t *y)
{
    ea_add_alike_fours(p, a, b, y);
}

#endif
