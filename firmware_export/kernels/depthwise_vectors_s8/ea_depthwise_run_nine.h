#ifndef EA_DEPTHWISE_RUN_NINE_H
#define EA_DEPTHWISE_RUN_NINE_H

#include "ea_depthwise_run.h"
#include "ea_language.h"
#include "ea_vectors.h"

#if EA_HAS_VECTORS

/* Nine taps, each in a register of its own: r0 to r8. r9: weights. r10: numbers. r11: y. r12: channels left.
 * The stack: run, output_offset, low, high.
 *
 * Two products fit int16. There is no register for the second weights' odd channels: they are loaded again. */
EA_VECTOR_ASSEMBLY void ea_depthwise_run_nine(struct ea_depthwise_run *run __attribute__((unused)))
{
    __asm__ volatile(
        "push {r4, r5, r6, r7, r8, r9, r10, r11, r12, lr}\n"
        "vpush {d8, d9, d10, d11, d12, d13, d14, d15}\n"
        "mov lr, r0\n"
        "ldr r12, [lr]\n"
        "ldrd r11, r4, [lr, #16]\n"
        "ldrd r5, r6, [lr, #24]\n"
        "push {r0, r4, r5, r6}\n"
        "ldm r12, {r0, r1, r2, r3, r4, r5, r6, r7, r8}\n"
        "1:\n" /* a pixel */
        "ldrd r9, r10, [lr, #8]\n"
        "ldr r12, [lr, #32]\n"
        "2:\n" /* a block */
        "vctp.8 r12\n"
        "vldrw.u32 q4, [r10]\n"
        "vpst\n"
        "vldrbt.u8 q0, [r0], #16\n"
        "vldrb.u8 q1, [r9], #16\n"
        "vmullb.s8 q2, q0, q1\n"
        "vldrw.u32 q5, [r10, #16]\n"
        "vmullt.s8 q1, q0, q1\n"
        "vldrw.u32 q6, [r10, #32]\n"
        "vldrw.u32 q7, [r10, #48]\n" EA_RUN_ADD ".macro ea_nine_pair first, second\n"
        "vpst\n"
        "vldrbt.u8 q0, [\\first], #16\n"
        "vldrb.u8 q1, [r9], #32\n"
        "vmullb.s8 q2, q0, q1\n"
        "vldrb.u8 q3, [r9, #-16]\n"
        "vmullt.s8 q1, q0, q1\n"
        "vpst\n"
        "vldrbt.u8 q0, [\\second], #16\n"
        "vmullb.s8 q3, q0, q3\n"
        "vadd.i16 q2, q2, q3\n"
        "vldrb.u8 q3, [r9, #-16]\n"
        "vmullt.s8 q3, q0, q3\n"
        "vadd.i16 q1, q1, q3\n" EA_RUN_ADD ".endm\n"
        "ea_nine_pair r1, r2\n"
        "ea_nine_pair r3, r4\n"
        "ea_nine_pair r5, r6\n"
        "ea_nine_pair r7, r8\n"
        ".purgem ea_nine_pair\n" EA_RUN_SCALE("r10") "ldr lr, [sp, #4]\n"
                                                     "vqadd.s16 q4, q4, lr\n"
                                                     "vqadd.s16 q6, q6, lr\n"
                                                     "ldr lr, [sp, #8]\n"
                                                     "vqmovnb.s16 q4, q4\n"
                                                     "vdup.8 q0, lr\n"
                                                     "ldr lr, [sp, #12]\n"
                                                     "vqmovnt.s16 q4, q6\n"
                                                     "vdup.8 q1, lr\n"
                                                     "vmax.s8 q4, q4, q0\n"
                                                     "vmin.s8 q4, q4, q1\n"
                                                     "add r10, r10, #192\n"
                                                     "vpst\n"
                                                     "vstrbt.8 q4, [r11], #16\n"
                                                     "subs r12, r12, #16\n"
                                                     "bgt 2b\n"
                                                     "ldr lr, [sp]\n"
                                                     "add r11, r11, r12\n"
                                                     "ldrd r9, r10, [lr, #32]\n"
                                                     "sub r10, r10, r9\n"
                                                     "add r10, r10, r12\n" /* from behind this pixel to the next one */
                                                     ".irp tap, 0, 1, 2, 3, 4, 5, 6, 7, 8\n"
                                                     "add r\\tap, r\\tap, r10\n"
                                                     ".endr\n"
                                                     "ldr r9, [lr, #40]\n"
                                                     "subs r9, r9, #1\n"
                                                     "str r9, [lr, #40]\n"
                                                     "bne 1b\n"
                                                     "add sp, sp, #16\n"
                                                     "vpop {d8, d9, d10, d11, d12, d13, d14, d15}\n"
                                                     "pop {r4, r5, r6, r7, r8, r9, r10, r11, r12, pc}\n");
}

#else

EA_INLINE void ea_depthwise_run_nine(struct ea_depthwise_run *run)
{
    ea_depthwise_run_plain(run);
}

#endif

#endif
