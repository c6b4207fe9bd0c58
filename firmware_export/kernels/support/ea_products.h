#ifndef EA_PRODUCTS_H
#define EA_PRODUCTS_H

#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_vectors.h"

#include <stdint.h>

/* y = clamp(requantise_twice((a + a_offset) * (b + b_offset), multiplier, shift) + output_offset, low, high) for runs of
 * `length` values that lie one behind the other in a and y. shift: -31 to -1. y may be a. The assembly knows the order of
 * the fields. */
struct ea_products {
    int32_t runs;
    int32_t length;
    int32_t a_offset;
    int32_t b_offset;
    int32_t multiplier;
    int32_t shift;
    int32_t output_offset;
    int32_t low;
    int32_t high;
};

#if EA_HAS_VECTORS

/* r1: a. r2: b. r3: y. r4: runs left. r5: length. r6: a_offset. r7: b_offset. r8: multiplier. r9: shift.
 * r10: output_offset. q6: low. q7: high. */
#define EA_PRODUCTS_BEGIN                                                                                              \
    "push {r4, r5, r6, r7, r8, r9, r10, lr}\n"                                                                         \
    "vpush {d12, d13, d14, d15}\n"                                                                                     \
    "ldrd r4, r5, [r0]\n"                                                                                              \
    "ldrd r6, r7, [r0, #8]\n"                                                                                          \
    "ldrd r8, r9, [r0, #16]\n"                                                                                         \
    "ldrd r10, r12, [r0, #24]\n"                                                                                       \
    "ldr r0, [r0, #32]\n"                                                                                              \
    "vdup.16 q6, r12\n"                                                                                                \
    "vdup.16 q7, r0\n"

/* Eight values, or the r12 that are left; q1: b with its offset. Rounding shifts round halves up: a negative value is
 * lowered by one before, so that its halves go down. */
#define EA_PRODUCTS_EIGHT                                                                                              \
    "vadd.i16 q0, q0, r6\n"                                                                                            \
    "vmullb.s16 q2, q0, q1\n"                                                                                          \
    "vshr.s32 q3, q2, #31\n"                                                                                           \
    "vmullt.s16 q0, q0, q1\n"                                                                                          \
    "vqrdmlah.s32 q3, q2, r8\n"                                                                                        \
    "vshr.s32 q2, q0, #31\n"                                                                                           \
    "vrshl.s32 q3, r9\n"                                                                                               \
    "vqrdmlah.s32 q2, q0, r8\n"                                                                                        \
    "vqmovnb.s32 q3, q3\n"                                                                                             \
    "vrshl.s32 q2, r9\n"                                                                                               \
    "vqmovnt.s32 q3, q2\n"                                                                                             \
    "vqadd.s16 q3, q3, r10\n"                                                                                          \
    "vmax.s16 q3, q3, q6\n"                                                                                            \
    "vmin.s16 q3, q3, q7\n"                                                                                            \
    "vpst\n"                                                                                                           \
    "vstrbt.16 q3, [r3], #8\n"                                                                                         \
    "subs r12, r12, #8\n"                                                                                              \
    "bgt 2b\n"

/* y is behind the last eight values, the run that is next behind the last value. */
#define EA_PRODUCTS_END                                                                                                \
    "add r1, r1, r12\n"                                                                                                \
    "add r3, r3, r12\n"                                                                                                \
    "subs r4, r4, #1\n"                                                                                                \
    "bne 1b\n"                                                                                                         \
    "vpop {d12, d13, d14, d15}\n"                                                                                      \
    "pop {r4, r5, r6, r7, r8, r9, r10, pc}\n"

/* b: [length], the same in all runs. */
EA_VECTOR_ASSEMBLY void ea_products_of_all(
    const struct ea_products *p __attribute__((unused)), const int8_t *a __attribute__((unused)),
    const int8_t *b __attribute__((unused)), int8_t *y __attribute__((unused)))
{
    __asm__ volatile(EA_PRODUCTS_BEGIN "1:\n"
                                       "mov r12, r5\n"
                                       "mov r0, r2\n"
                                       "2:\n"
                                       "vctp.16 r12\n"
                                       "vpstt\n"
                                       "vldrbt.s16 q0, [r1], #8\n"
                                       "vldrbt.s16 q1, [r0], #8\n"
                                       "vadd.i16 q1, q1, r7\n" EA_PRODUCTS_EIGHT EA_PRODUCTS_END);
}

/* b: [runs], one for all values of its run. */
EA_VECTOR_ASSEMBLY void ea_products_of_one(
    const struct ea_products *p __attribute__((unused)), const int8_t *a __attribute__((unused)),
    const int8_t *b __attribute__((unused)), int8_t *y __attribute__((unused)))
{
    __asm__ volatile(EA_PRODUCTS_BEGIN "1:\n"
                                       "ldrsb r0, [r2], #1\n"
                                       "mov r12, r5\n"
                                       "add r0, r0, r7\n"
                                       "vdup.16 q1, r0\n"
                                       "2:\n"
                                       "vctp.16 r12\n"
                                       "vpst\n"
                                       "vldrbt.s16 q0, [r1], #8\n" EA_PRODUCTS_EIGHT EA_PRODUCTS_END);
}

#else

EA_INLINE int8_t ea_products_value(const struct ea_products *p, int32_t a, int32_t b)
{
    const int32_t product = (a + p->a_offset) * (b + p->b_offset);
    return (int8_t)ea_clamp(ea_requantise_twice(product, p->multiplier, p->shift) + p->output_offset, p->low, p->high);
}

EA_INLINE void ea_products_of_all(const struct ea_products *p, const int8_t *a, const int8_t *b, int8_t *y)
{
    for (int32_t run = 0; run < p->runs; run++)
        for (int32_t i = 0; i < p->length; i++)
            *y++ = ea_products_value(p, *a++, b[i]);
}

EA_INLINE void ea_products_of_one(const struct ea_products *p, const int8_t *a, const int8_t *b, int8_t *y)
{
    for (int32_t run = 0; run < p->runs; run++)
        for (int32_t i = 0; i < p->length; i++)
            *y++ = ea_products_value(p, *a++, b[run]);
}

#endif

#endif
