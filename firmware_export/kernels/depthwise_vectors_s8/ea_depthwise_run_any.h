#ifndef EA_DEPTHWISE_RUN_ANY_H
#define EA_DEPTHWISE_RUN_ANY_H

#include "ea_depthwise_run.h"
#include "ea_language.h"
#include "ea_vectors.h"

#if EA_HAS_VECTORS

/* Two products fit int16. There is no register for the second weights' odd channels: they are loaded again. */
#define EA_RUN_PAIR                                                                                                    \
    "ldrd r0, r1, [r2], #8\n"                                                                                          \
    "add r0, r0, r3\n"                                                                                                 \
    "add r1, r1, r3\n"                                                                                                 \
    "vpst\n"                                                                                                           \
    "vldrbt.u8 q0, [r0]\n"                                                                                             \
    "vldrb.u8 q1, [r4], #32\n"                                                                                         \
    "vmullb.s8 q2, q0, q1\n"                                                                                           \
    "vldrb.u8 q3, [r4, #-16]\n"                                                                                        \
    "vmullt.s8 q1, q0, q1\n"                                                                                           \
    "vpst\n"                                                                                                           \
    "vldrbt.u8 q0, [r1]\n"                                                                                             \
    "vmullb.s8 q3, q0, q3\n"                                                                                           \
    "vadd.i16 q2, q2, q3\n"                                                                                            \
    "vldrb.u8 q3, [r4, #-16]\n"                                                                                        \
    "vmullt.s8 q3, q0, q3\n"                                                                                           \
    "vadd.i16 q1, q1, q3\n" EA_RUN_ADD

/* r12: run. r2: taps. r3: how far behind them this pixel's block lies. r4: weights. r5: numbers. r6: y. r7: channels left.
 * r8, r9, r10: output_offset, low, high. r11: how far behind the first pixel this one lies. */
EA_VECTOR_ASSEMBLY void ea_depthwise_run_any(struct ea_depthwise_run *run __attribute__((unused)))
{
    __asm__ volatile("push {r4, r5, r6, r7, r8, r9, r10, r11, r12, lr}\n"
                     "vpush {d8, d9, d10, d11, d12, d13, d14, d15}\n"
                     "mov r12, r0\n"
                     "mov r11, #0\n"
                     "ldrd r6, r8, [r12, #16]\n"
                     "ldrd r9, r10, [r12, #24]\n"
                     "1:\n" /* a pixel */
                     "mov r3, r11\n"
                     "ldrd r4, r5, [r12, #8]\n"
                     "ldr r7, [r12, #32]\n"
                     "2:\n" /* a block */
                     "ldrd r2, lr, [r12]\n"
                     "vctp.8 r7\n"
                     "ldr r0, [r2], #4\n"
                     "vldrw.u32 q4, [r5]\n"
                     "add r0, r0, r3\n"
                     "vldrw.u32 q5, [r5, #16]\n"
                     "vpst\n"
                     "vldrbt.u8 q0, [r0]\n"
                     "vldrb.u8 q1, [r4], #16\n"
                     "vmullb.s8 q2, q0, q1\n"
                     "vldrw.u32 q6, [r5, #32]\n"
                     "vmullt.s8 q1, q0, q1\n"
                     "vldrw.u32 q7, [r5, #48]\n" EA_RUN_ADD "wls lr, lr, 4f\n"
                     "3:\n" EA_RUN_PAIR "le lr, 3b\n"
                     "4:\n" EA_RUN_SCALE("r5") "vqadd.s16 q4, q4, r8\n"
                                               "vqadd.s16 q6, q6, r8\n"
                                               "vqmovnb.s16 q4, q4\n"
                                               "vdup.8 q0, r9\n"
                                               "vqmovnt.s16 q4, q6\n"
                                               "vdup.8 q1, r10\n"
                                               "vmax.s8 q4, q4, q0\n"
                                               "vmin.s8 q4, q4, q1\n"
                                               "add r5, r5, #192\n"
                                               "vpst\n"
                                               "vstrbt.8 q4, [r6], #16\n"
                                               "add r3, r3, #16\n"
                                               "subs r7, r7, #16\n"
                                               "bgt 2b\n"
                                               "add r6, r6, r7\n"
                                               "ldrd r0, r1, [r12, #36]\n"
                                               "add r11, r11, r0\n"
                                               "subs r1, r1, #1\n"
                                               "str r1, [r12, #40]\n"
                                               "bne 1b\n"
                                               "vpop {d8, d9, d10, d11, d12, d13, d14, d15}\n"
                                               "pop {r4, r5, r6, r7, r8, r9, r10, r11, r12, pc}\n");
}

#else

EA_INLINE void ea_depthwise_run_any(struct ea_depthwise_run *run)
{
    ea_depthwise_run_plain(run);
}

#endif

#endif
