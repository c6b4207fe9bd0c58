#ifndef EA_DEPTHWISE_TAPS_H
#define EA_DEPTHWISE_TAPS_H

#include "ea_depthwise_conv2d_taps_s8.h"
#include "ea_depthwise_doubled.h"
#include "ea_dsp.h"
#include "ea_language.h"
#include "ea_requantise.h"

#include <stdint.h>

/* Two outputs side by side, or one twice, of groups of four channels. The assembly knows the order of the fields. */
struct ea_depthwise_taps {
    const int8_t **x; /* where the first channel of both lies, under each weight */
    const int8_t **x_end;
    int8_t *y;
    int8_t *second;
    const int32_t *numbers;
    int32_t groups;
};

#if EA_HAS_DSP

/* Two channels of both outputs. r3: two channels of x; lr: their weights. */
#define EA_TAPS_TWO(first, second, bytes, one, other, second_one, second_other)                                        \
    "sxtb16 r3, " #first bytes "\n"                                                                                    \
    "smlabb " #one ", r3, lr, " #one "\n"                                                                              \
    "smlatt " #other ", r3, lr, " #other "\n"                                                                          \
    "sxtb16 r3, " #second bytes "\n"                                                                                   \
    "smlabb " #second_one ", r3, lr, " #second_one "\n"                                                                \
    "smlatt " #second_other ", r3, lr, " #second_other "\n"

/* A weight of four channels. r0: x. r1: numbers. */
#define EA_TAPS_LOAD                                                                                                   \
    "ldr r2, [r0]\n"                                                                                                   \
    "ldr r3, [r0, #4]\n"                                                                                               \
    "ldr lr, [r1], #4\n"                                                                                               \
    "ldr r12, [r2], #4\n"                                                                                              \
    "str r2, [r0], #4\n"                                                                                               \
    "ldr r2, [r3], #4\n"                                                                                               \
    "str r3, [r0], #4\n"

#define EA_TAPS_LOAD_WEIGHTS "ldr lr, [r1], #4\n"

#define EA_TAPS_LOAD_END                                                                                               \
    "ldr lr, [r1], #4\n"                                                                                               \
    "ldr r3, [sp, #4]\n"                                                                                               \
    "cmp r0, r3\n"

/* On the stack: the struct. r4 to r7: sums of the first output, r8 to r11: of the second. */
#define EA_TAPS_BEGIN                                                                                                  \
    "push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"                                                                    \
    "sub sp, #28\n"                                                                                                    \
    "ldm r0, {r2, r3, r4, r5, r6, r7}\n"                                                                               \
    "stm sp, {r2, r3, r4, r5, r6, r7}\n"                                                                               \
    "mov r1, r6\n"                                                                                                     \
    "1:\n" /* four channels */                                                                                         \
    "ldr r0, [sp]\n"                                                                                                   \
    "ldr r2, [sp, #4]\n"                                                                                               \
    "ldm r1!, {r4, r5, r6, r7}\n"                                                                                      \
    "sub r2, r2, r0\n"                                                                                                 \
    "mov r8, r4\n"                                                                                                     \
    "mov r9, r5\n"                                                                                                     \
    "mov r10, r6\n"                                                                                                    \
    "mov r11, r7\n"                                                                                                    \
    "tst r2, #8\n"                                                                                                     \
    "bne 3f\n" /* an odd number of weights */                                                                          \
    "2:\n"

#define EA_TAPS_NEXT "bne 2b\n"

#define EA_TAPS_STORE                                                                                                  \
    "ldr r2, [sp, #8]\n"                                                                                               \
    "ldr r3, [sp, #12]\n"                                                                                              \
    "ldr r12, [sp, #20]\n"                                                                                             \
    "strb r8, [r3], #1\n"                                                                                              \
    "strb r9, [r3], #1\n"                                                                                              \
    "strb r10, [r3], #1\n"                                                                                             \
    "strb r11, [r3], #1\n"                                                                                             \
    "strb r4, [r2], #1\n"                                                                                              \
    "strb r5, [r2], #1\n"                                                                                              \
    "strb r6, [r2], #1\n"                                                                                              \
    "strb r7, [r2], #1\n"                                                                                              \
    "str r2, [sp, #8]\n"                                                                                               \
    "str r3, [sp, #12]\n"                                                                                              \
    "subs r12, r12, #1\n"                                                                                              \
    "str r12, [sp, #20]\n"                                                                                             \
    "bne 1b\n"                                                                                                         \
    "add sp, #28\n"                                                                                                    \
    "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n"

EA_ASSEMBLY void ea_depthwise_taps_run(const struct ea_depthwise_taps *run __attribute__((unused)))
{
    __asm__ volatile(
        EA_TAPS_BEGIN EA_TAPS_LOAD EA_TAPS_TWO(r12, r2, "", r4, r6, r8, r10) EA_TAPS_LOAD_WEIGHTS EA_TAPS_TWO(
            r12, r2, ", ror #8", r5, r7, r9, r11) "3:\n" EA_TAPS_LOAD EA_TAPS_TWO(r12, r2, "", r4, r6, r8, r10)
            EA_TAPS_LOAD_END EA_TAPS_TWO(r12, r2, ", ror #8", r5, r7, r9, r11) EA_TAPS_NEXT EA_DOUBLED_SCALE(r4, r8)
                EA_DOUBLED_SCALE(r5, r9) EA_DOUBLED_SCALE(r6, r10) EA_DOUBLED_SCALE(r7, r11) EA_TAPS_STORE);
}

#else

/* Channel c of four: every other pointer from x on. */
EA_INLINE int8_t
ea_taps_output(const struct ea_depthwise_taps *run, const int8_t **x, int32_t at, const int32_t *numbers)
{
    const int32_t c = at & 3;
    const int32_t *weights = numbers + 4 + (c & 1);
    int32_t sum = numbers[c];
    for (; x < run->x_end; x += 2, weights += 2) {
        const uint32_t pair = (uint32_t)*weights;
        sum += (*x)[at] * (int16_t)(c & 2 ? pair >> 16 : pair & 0xffffu);
    }
    return (int8_t)ea_clamp(ea_doubled_scaled(sum, weights - (c & 1) + c * EA_DOUBLED_NUMBERS), -128, 127);
}

EA_INLINE void ea_depthwise_taps_run(const struct ea_depthwise_taps *run)
{
    const int32_t taps = (int32_t)(run->x_end - run->x) / 2;
    const int32_t size = EA_TAPS_CHANNELS * (1 + EA_DOUBLED_NUMBERS) + 2 * taps;
    for (int32_t at = 0; at < EA_TAPS_CHANNELS * run->groups; at++) {
        const int32_t *numbers = run->numbers + at / EA_TAPS_CHANNELS * size;
        run->second[at] = ea_taps_output(run, run->x + 1, at, numbers);
        run->y[at] = ea_taps_output(run, run->x, at, numbers);
    }
}

#endif

#endif
