#ifndef EA_MATMUL_VECTORS_H
#define EA_MATMUL_VECTORS_H

#include "ea_language.h"
#include "ea_matmul_products.h"
#include "ea_matmul_s8.h"
#include "ea_vectors.h"

#include <stdint.h>
#include <string.h>

#define EA_MATMUL_COLUMNS 8

#if EA_HAS_VECTORS

/* ea_matmul_four_along, where a lies together too: products of sixteen values, and the sums of b for a_offset.
 * r1: a. r3, r5, r7, r9: columns of b. r11: depth left. Sums of products: r0, r2, r4, r6; of b: r8, r10, r12, lr.
 * The stack: p, sums. */
EA_VECTOR_ASSEMBLY void ea_matmul_vectors_along(
    const struct ea_matmul_s8 *p __attribute__((unused)), const int8_t *a __attribute__((unused)),
    const int8_t *b __attribute__((unused)), uint32_t *sums __attribute__((unused)))
{
    __asm__ volatile("push {r0, r3, r4, r5, r6, r7, r8, r9, r10, r11, r12, lr}\n"
                     "ldr r11, [r0, #12]\n"
                     "ldr r12, [r0, #24]\n"
                     "mov r3, r2\n"
                     "add r5, r3, r12\n"
                     "add r7, r5, r12\n"
                     "add r9, r7, r12\n"
                     ".irp sum, r0, r2, r4, r6, r8, r10, r12, lr\n"
                     "mov \\sum, #0\n"
                     ".endr\n"
                     "1:\n"
                     "vctp.8 r11\n"
                     "vpstttt\n"
                     "vldrbt.u8 q0, [r1], #16\n"
                     "vldrbt.u8 q1, [r3], #16\n"
                     "vldrbt.u8 q2, [r5], #16\n"
                     "vldrbt.u8 q3, [r7], #16\n"
                     "vmladava.s8 r0, q0, q1\n"
                     "vaddva.s8 r8, q1\n"
                     "vpst\n"
                     "vldrbt.u8 q1, [r9], #16\n"
                     "vmladava.s8 r2, q0, q2\n"
                     "vaddva.s8 r10, q2\n"
                     "vmladava.s8 r4, q0, q3\n"
                     "vaddva.s8 r12, q3\n"
                     "vmladava.s8 r6, q0, q1\n"
                     "vaddva.s8 lr, q1\n"
                     "subs r11, r11, #16\n"
                     "bgt 1b\n"
                     "pop {r1, r3}\n"
                     "ldr r1, [r1, #32]\n"
                     "mla r0, r8, r1, r0\n"
                     "mla r2, r10, r1, r2\n"
                     "mla r4, r12, r1, r4\n"
                     "mla r6, lr, r1, r6\n"
                     "stm r3, {r0, r2, r4, r6}\n"
                     "pop {r4, r5, r6, r7, r8, r9, r10, r11, r12, pc}\n");
}

/* ea_matmul_four_across for eight columns. r1: a. r2: b. r3: sums. r4: a_depth_step. r5: b_depth_step. r6: a_offset. */
EA_VECTOR_ASSEMBLY void ea_matmul_vectors_across(
    const struct ea_matmul_s8 *p __attribute__((unused)), const int8_t *a __attribute__((unused)),
    const int8_t *b __attribute__((unused)), uint32_t *sums __attribute__((unused)))
{
    __asm__ volatile("push {r4, r5, r6, r7, r12, lr}\n"
                     "ldr r12, [r0, #12]\n"
                     "ldr r4, [r0, #20]\n"
                     "ldrd r5, r6, [r0, #28]\n"
                     "vmov.i32 q0, #0\n"
                     "vmov.i32 q1, #0\n"
                     "dls lr, r12\n"
                     "1:\n"
                     "ldrsb r7, [r1]\n"
                     "vldrb.s32 q2, [r2]\n"
                     "add r1, r1, r4\n"
                     "add r7, r7, r6\n"
                     "vldrb.s32 q3, [r2, #4]\n"
                     "vmla.s32 q0, q2, r7\n"
                     "add r2, r2, r5\n"
                     "vmla.s32 q1, q3, r7\n"
                     "le lr, 1b\n"
                     "vstrw.32 q0, [r3]\n"
                     "vstrw.32 q1, [r3, #16]\n"
                     "pop {r4, r5, r6, r7, r12, pc}\n");
}

#else

/* Of one row of a and one column of b, without b_offset. */
EA_INLINE uint32_t ea_matmul_vectors_one(const struct ea_matmul_s8 *p, const int8_t *a, const int8_t *b)
{
    uint32_t sum = 0;
    for (int32_t k = 0; k < p->depth; k++)
        sum += (uint32_t)((a[k * p->a_depth_step] + p->a_offset) * b[k * p->b_depth_step]);
    return sum;
}

EA_INLINE void ea_matmul_vectors_along(const struct ea_matmul_s8 *p, const int8_t *a, const int8_t *b, uint32_t *sums)
{
    for (int32_t i = 0; i < 4; i++)
        sums[i] = ea_matmul_vectors_one(p, a, b + i * p->b_column_step);
}

EA_INLINE void ea_matmul_vectors_across(const struct ea_matmul_s8 *p, const int8_t *a, const int8_t *b, uint32_t *sums)
{
    for (int32_t i = 0; i < EA_MATMUL_COLUMNS; i++)
        sums[i] = ea_matmul_vectors_one(p, a, b + i);
}

#endif

/* The sums of one row and of four or eight columns, without b_offset, of at least four that are left; returns how many. */
EA_INLINE int32_t
ea_matmul_vectors_sums(const struct ea_matmul_s8 *p, const int8_t *a, const int8_t *b, int32_t left, uint32_t *sums)
{
    if (p->b_depth_step == 1 && p->a_depth_step == 1) {
        ea_matmul_vectors_along(p, a, b, sums);
        return 4;
    }
    if (p->b_depth_step != 1 && left >= EA_MATMUL_COLUMNS) {
        ea_matmul_vectors_across(p, a, b, sums);
        return EA_MATMUL_COLUMNS;
    }
    const struct ea_matmul_sums four = p->b_depth_step == 1 ? ea_matmul_four_along(p, a, b)
                                                            : ea_matmul_four_across(p, a, b);
    memcpy(sums, four.sum, sizeof four.sum);
    return 4;
}

/* The sums of one row, all columns; what is to be added to each of them is returned. */
EA_INLINE uint32_t ea_matmul_vectors_row(const struct ea_matmul_s8 *p, const int8_t *a, const int8_t *b, uint32_t *sums)
{
    const uint32_t start = ea_matmul_row_start(p, a);
    const int32_t rest = p->columns & 3, fours = p->columns - rest;
    int32_t count = 0;
    for (int32_t column = 0; column < fours; column += count, b += count * p->b_column_step)
        count = ea_matmul_vectors_sums(p, a, b, p->columns - column, sums + column);
    for (int32_t i = 0; i < rest; i++, b += p->b_column_step)
        sums[fours + i] = ea_matmul_one(p, a, b) - start;
    return start;
}

#endif
