#ifndef EA_DEPTHWISE_RUN_H
#define EA_DEPTHWISE_RUN_H

#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_vectors.h"

#include <stdint.h>

#define EA_BLOCK 16 /* channels */

/* Neighbouring output pixels, each of whose taps lie `step` bytes behind those of the one before it. taps: where the first
 * pixel's values lie, 2 * pairs + 1 of them. The assembly knows the order of the fields. */
struct ea_depthwise_run {
    const int8_t *const *taps;
    int32_t pairs;
    const int8_t *weights;
    const int32_t *numbers;
    int8_t *y;
    int32_t output_offset;
    int32_t low;
    int32_t high;
    int32_t channels;
    int32_t step;
    int32_t pixels;
};

#if EA_HAS_VECTORS

/* q2: products of the channels 0, 2, 4, ..., q1: of 1, 3, 5, ... They join the sums q4 to q7, 32 bits of each. */
#define EA_RUN_ADD                                                                                                     \
    "vmovlb.s16 q0, q2\n"                                                                                              \
    "vmovlt.s16 q2, q2\n"                                                                                              \
    "vadd.i32 q4, q4, q0\n"                                                                                            \
    "vmovlb.s16 q3, q1\n"                                                                                              \
    "vadd.i32 q5, q5, q2\n"                                                                                            \
    "vmovlt.s16 q1, q1\n"                                                                                              \
    "vadd.i32 q6, q6, q3\n"                                                                                            \
    "vadd.i32 q7, q7, q1\n"

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

/* Rounding shifts round halves up: a negative value is lowered by one before, so that its halves go down. */
#define EA_RUN_REQUANTISE                                                                                              \
    ".irp sums, 4, 5, 6, 7\n"                                                                                          \
    "vldrw.u32 q0, [r5, #16 * \\sums]\n"                                                                               \
    "vqrdmulh.s32 q\\sums, q\\sums, q0\n"                                                                              \
    "vldrw.u32 q1, [r5, #16 * \\sums + 64]\n"                                                                          \
    "vshr.s32 q0, q\\sums, #31\n"                                                                                      \
    "vadd.i32 q\\sums, q\\sums, q0\n"                                                                                  \
    "vrshl.s32 q\\sums, q\\sums, q1\n"                                                                                 \
    ".endr\n"                                                                                                          \
    "vqmovnb.s32 q4, q4\n"                                                                                             \
    "vqmovnb.s32 q6, q6\n"                                                                                             \
    "vqmovnt.s32 q4, q5\n"                                                                                             \
    "vqmovnt.s32 q6, q7\n"                                                                                             \
    "vqadd.s16 q4, q4, r8\n"                                                                                           \
    "vqadd.s16 q6, q6, r8\n"                                                                                           \
    "vqmovnb.s16 q4, q4\n"                                                                                             \
    "vdup.8 q0, r9\n"                                                                                                  \
    "vqmovnt.s16 q4, q6\n"                                                                                             \
    "vdup.8 q1, r10\n"                                                                                                 \
    "vmax.s8 q4, q4, q0\n"                                                                                             \
    "vmin.s8 q4, q4, q1\n"

/* r12: run. r2: taps. r3: how far behind them this pixel's block lies. r4: weights. r5: numbers. r6: y. r7: channels left.
 * r8, r9, r10: output_offset, low, high. r11: how far behind the first pixel this one lies. */
EA_VECTOR_ASSEMBLY void ea_depthwise_run_all(struct ea_depthwise_run *run __attribute__((unused)))
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
                     "4:\n" EA_RUN_REQUANTISE "add r5, r5, #192\n"
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

/* Channel c of the pixel that lies `at` bytes behind the first one. */
EA_INLINE int8_t ea_depthwise_run_one(const struct ea_depthwise_run *run, int32_t at, int32_t c)
{
    const int32_t taps = 2 * run->pairs + 1, block = c / EA_BLOCK, lane = c % EA_BLOCK;
    const int8_t *w = run->weights + block * taps * EA_BLOCK + lane;
    const int32_t *const numbers = run->numbers + 3 * EA_BLOCK * block + lane % 4 / 2 * 4 + lane % 2 * 8 + lane / 4;
    int32_t sum = numbers[0];
    for (int32_t i = 0; i < taps; i++, w += EA_BLOCK)
        sum += run->taps[i][at + c] * *w;
    const int32_t scaled = ea_requantise_twice(sum, numbers[EA_BLOCK], numbers[2 * EA_BLOCK]);
    return (int8_t)ea_clamp(scaled + run->output_offset, run->low, run->high);
}

EA_INLINE void ea_depthwise_run_all(struct ea_depthwise_run *run)
{
    for (int32_t pixel = 0; pixel < run->pixels; pixel++)
        for (int32_t c = 0; c < run->channels; c++)
            *run->y++ = ea_depthwise_run_one(run, pixel * run->step, c);
}

#endif

#endif
