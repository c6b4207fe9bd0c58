#ifndef EA_SQUEEZE_VECTORS_H
#define EA_SQUEEZE_VECTORS_H

#include "ea_squeeze.h"
#include "ea_vectors.h"

#include <stdint.h>

#if EA_HAS_VECTORS

/* As ea_squeeze_sum_row, eight channels at a time; sums: a multiple of eight int32. At most 255 values are summed in 16
 * bits. r1: row. r2: sums. r3: x. r4: width. r5: channels left. r6: positions left. r7: channels. */
EA_VECTOR_ASSEMBLY void ea_squeeze_sum_row_mve(
    const struct ea_squeeze *p __attribute__((unused)), const int8_t *row __attribute__((unused)),
    void *sums __attribute__((unused)))
{
    __asm__ volatile("push {r4, r5, r6, r7, r12, lr}\n"
                     "ldrd r4, r5, [r0]\n"
                     "mov r7, r5\n"
                     "1:\n"
                     "vld20.32 {q2, q3}, [r2]\n"
                     "vld21.32 {q2, q3}, [r2]\n"
                     "vctp.16 r5\n"
                     "mov r3, r1\n"
                     "mov r6, r4\n"
                     "2:\n"
                     "mov r0, #255\n"
                     "cmp r6, r0\n"
                     "it lt\n"
                     "movlt r0, r6\n"
                     "vmov.i16 q0, #0\n"
                     "subs r6, r6, r0\n"
                     "dls lr, r0\n"
                     "3:\n"
                     "vpst\n"
                     "vldrbt.s16 q1, [r3]\n"
                     "add r3, r3, r7\n"
                     "vadd.i16 q0, q0, q1\n"
                     "le lr, 3b\n"
                     "vmovlb.s16 q1, q0\n"
                     "vmovlt.s16 q0, q0\n"
                     "vadd.i32 q2, q2, q1\n"
                     "vadd.i32 q3, q3, q0\n"
                     "bgt 2b\n"
                     "vst20.32 {q2, q3}, [r2]\n"
                     "vst21.32 {q2, q3}, [r2]!\n"
                     "add r1, r1, #8\n"
                     "subs r5, r5, #8\n"
                     "bgt 1b\n"
                     "pop {r4, r5, r6, r7, r12, pc}\n");
}

/* As ea_squeeze_max_row, sixteen channels at a time. r1: row. r2: maxima. r3: x. r4: width. r5: channels left.
 * r7: channels. */
EA_VECTOR_ASSEMBLY void ea_squeeze_max_row_mve(
    const struct ea_squeeze *p __attribute__((unused)), const int8_t *row __attribute__((unused)),
    int8_t *maxima __attribute__((unused)))
{
    __asm__ volatile("push {r4, r5, r7, lr}\n"
                     "ldrd r4, r5, [r0]\n"
                     "mov r7, r5\n"
                     "1:\n"
                     "vctp.8 r5\n"
                     "mov r3, r1\n"
                     "vpst\n"
                     "vldrbt.u8 q0, [r2]\n"
                     "dls lr, r4\n"
                     "2:\n"
                     "vpst\n"
                     "vldrbt.u8 q1, [r3]\n"
                     "add r3, r3, r7\n"
                     "vmax.s8 q0, q0, q1\n"
                     "le lr, 2b\n"
                     "vpst\n"
                     "vstrbt.8 q0, [r2], #16\n"
                     "add r1, r1, #16\n"
                     "subs r5, r5, #16\n"
                     "bgt 1b\n"
                     "pop {r4, r5, r7, pc}\n");
}

#else

EA_INLINE void ea_squeeze_sum_row_mve(const struct ea_squeeze *p, const int8_t *row, void *sums)
{
    ea_squeeze_sum_row(p, row, sums);
}

EA_INLINE void ea_squeeze_max_row_mve(const struct ea_squeeze *p, const int8_t *row, int8_t *maxima)
{
    ea_squeeze_max_row(p, row, maxima);
}

#endif

#endif
