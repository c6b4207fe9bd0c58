#ifndef EA_DEPTHWISE_PAIRS_H
#define EA_DEPTHWISE_PAIRS_H

#include "ea_depthwise_conv2d_pairs_s8.h"
#include "ea_dsp.h"
#include "ea_language.h"
#include "ea_requantise.h"

#include <stdint.h>

#define EA_PAIRS_WORDS 3 /* of two columns of one channel */
#define EA_PAIRS_STEP 12 /* words from two columns to the next two: those of four channels */

/* Four channels of a row. The assembly knows the order of the fields. */
struct ea_depthwise_pairs {
    const uint32_t *x;
    int8_t *y;
    const int32_t *numbers;
    int32_t channels; /* from one output to the next */
    int32_t whole;    /* bytes of y that whole blocks write */
    int32_t all;      /* bytes of y */
};

#if EA_HAS_DSP

/* On the stack: bias, multiplier, addend, right, channels; where whole blocks of y end, and all of y; x, y, numbers;
 * channels left. r0: x. r1: y. r3 to r7: weights. Sums: r8 to r11. r2, r12, lr: what comes and goes. */
#define EA_PAIRS_LOAD(at)                                                                                              \
    "ldr r2, [r0, #" #at "]\n"                                                                                         \
    "ldr r12, [r0, #" #at " + 4]\n"                                                                                    \
    "ldr lr, [r0, #" #at " + 8]\n"

#define EA_PAIRS_SCALE(sum)                                                                                            \
    "add lr, r12, " #sum ", asr #31\n"                                                                                 \
    "smmlar " #sum ", " #sum ", r2, lr\n"

#define EA_PAIRS_NARROW(sum)                                                                                           \
    "asr " #sum ", " #sum ", r2\n"                                                                                     \
    "ssat " #sum ", #8, " #sum "\n"

#define EA_PAIRS_STORE(sum)                                                                                            \
    "strb " #sum ", [r1]\n"                                                                                            \
    "add r1, r1, r12\n"

#define EA_PAIRS_BEGIN                                                                                                 \
    "push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"                                                                    \
    "sub sp, #44\n"                                                                                                    \
    "ldm r0, {r0, r1, r2, r3, r4, r5}\n"                                                                               \
    "add r4, r4, r1\n"                                                                                                 \
    "add r5, r5, r1\n"                                                                                                 \
    "movs r6, #4\n"                                                                                                    \
    "str r3, [sp, #16]\n"                                                                                              \
    "str r6, [sp, #40]\n"                                                                                              \
    "1:\n" /* a channel. r4, r5: ends of y */                                                                          \
    "add r12, sp, #20\n"                                                                                               \
    "add r3, r2, #36\n"                                                                                                \
    "adds r6, r0, #12\n"                                                                                               \
    "adds r7, r1, #1\n"                                                                                                \
    "stm r12, {r4, r5, r6, r7}\n"                                                                                      \
    "str r3, [sp, #36]\n"                                                                                              \
    "mov lr, r4\n"                                                                                                     \
    "ldm r2, {r3, r4, r5, r6, r7, r8, r9, r10, r11}\n"                                                                 \
    "stm sp, {r8, r9, r10, r11}\n"                                                                                     \
    "cmp r1, lr\n"                                                                                                     \
    "beq 3f\n"                                                                                                         \
    "2:\n"

/* The last two outputs of a channel, or the last one; then the next channel. */
#define EA_PAIRS_REST(next)                                                                                            \
    "ldrd r2, r12, [sp, #4]\n" EA_PAIRS_SCALE(r8) EA_PAIRS_SCALE(r9) "ldr r2, [sp, #12]\n"                             \
    "ldr r12, [sp, #16]\n"                                                                                             \
    "ldr lr, [sp, #24]\n" EA_PAIRS_NARROW(r8) EA_PAIRS_NARROW(r9) EA_PAIRS_STORE(r8)                                   \
    "cmp r1, lr\n"                                                                                                     \
    "beq 5f\n" EA_PAIRS_STORE(r9)                                                                                      \
    "adds r0, r0, #" #next "\n"                                                                                        \
    "cmp r1, lr\n"                                                                                                     \
    "bne 4b\n"                                                                                                         \
    "5:\n"                                                                                                             \
    "add r12, sp, #20\n"                                                                                               \
    "ldr r3, [sp, #40]\n"                                                                                              \
    "ldr r2, [sp, #36]\n"                                                                                              \
    "ldm r12, {r4, r5, r6, r7}\n"                                                                                      \
    "adds r4, r4, #1\n"                                                                                                \
    "adds r5, r5, #1\n"                                                                                                \
    "mov r0, r6\n"                                                                                                     \
    "mov r1, r7\n"                                                                                                     \
    "subs r3, r3, #1\n"                                                                                                \
    "str r3, [sp, #40]\n"                                                                                              \
    "bne 1b\n"                                                                                                         \
    "add sp, #44\n"                                                                                                    \
    "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n"

/* Windows that begin at each column: blocks of four. */
EA_ASSEMBLY void ea_depthwise_pairs_run(const struct ea_depthwise_pairs *four __attribute__((unused)))
{
    __asm__ volatile(EA_PAIRS_BEGIN "ldr r11, [sp]\n" EA_PAIRS_LOAD(0) "smlad r8, r2, r3, r11\n"
                                                                       "smlad r8, r12, r4, r8\n"
                                                                       "smlad r9, r12, r3, r11\n"
                                                                       "smlad r8, lr, r6, r8\n"
                                                                       "smlatb r9, lr, r6, r9\n" EA_PAIRS_LOAD(48)
                     "smlad r8, r2, r5, r8\n"
                     "smlad r9, r2, r4, r9\n"
                     "smlad r10, r2, r3, r11\n"
                     "smlad r9, r12, r5, r9\n"
                     "smlad r10, r12, r4, r10\n"
                     "smlad r11, r12, r3, r11\n"
                     "smlabt r8, lr, r7, r8\n"
                     "smlad r9, lr, r7, r9\n"
                     "smlad r10, lr, r6, r10\n"
                     "smlatb r11, lr, r6, r11\n" EA_PAIRS_LOAD(96) "smlad r10, r2, r5, r10\n"
                                                                   "smlad r11, r2, r4, r11\n"
                                                                   "smlad r11, r12, r5, r11\n"
                                                                   "smlabt r10, lr, r7, r10\n"
                                                                   "smlad r11, lr, r7, r11\n"
                                                                   "ldrd r2, r12, [sp, #4]\n" EA_PAIRS_SCALE(r8)
                         EA_PAIRS_SCALE(r9) EA_PAIRS_SCALE(r10) EA_PAIRS_SCALE(r11) "ldr r2, [sp, #12]\n"
                                                                                    "ldr r12, [sp, #16]\n"
                                                                                    "ldr lr, [sp, #20]\n"
                                                                                    "adds r0, r0, #96\n"
                     EA_PAIRS_NARROW(r8) EA_PAIRS_NARROW(r9) EA_PAIRS_NARROW(r10) EA_PAIRS_NARROW(r11)
                         EA_PAIRS_STORE(r8) EA_PAIRS_STORE(r9) EA_PAIRS_STORE(r10) EA_PAIRS_STORE(r11) "cmp r1, lr\n"
                                                                                                       "bne 2b\n"
                                                                                                       "3:\n"
                                                                                                       "ldr lr, [sp, #24]\n"
                                                                                                       "cmp r1, lr\n"
                                                                                                       "beq 5f\n"
                                                                                                       "4:\n"
                                                                                                       "ldr r11, [sp]\n"
                     EA_PAIRS_LOAD(0) "smlad r8, r2, r3, r11\n"
                                      "smlad r8, r12, r4, r8\n"
                                      "smlad r9, r12, r3, r11\n"
                                      "smlad r8, lr, r6, r8\n"
                                      "smlatb r9, lr, r6, r9\n" EA_PAIRS_LOAD(48) "smlad r8, r2, r5, r8\n"
                                                                                  "smlad r9, r2, r4, r9\n"
                                                                                  "smlad r9, r12, r5, r9\n"
                                                                                  "smlabt r8, lr, r7, r8\n"
                                                                                  "smlad r9, lr, r7, r9\n"
                     EA_PAIRS_REST(48));
}

/* Windows that begin at every other column. */
EA_ASSEMBLY void ea_depthwise_pairs_stride2_run(const struct ea_depthwise_pairs *four __attribute__((unused)))
{
    __asm__ volatile(EA_PAIRS_BEGIN "3:\n"
                                    "4:\n"
                                    "ldr r9, [sp]\n" EA_PAIRS_LOAD(0) "smlad r8, r2, r3, r9\n"
                                                                      "smlad r8, r12, r4, r8\n"
                                                                      "smlad r8, lr, r6, r8\n" EA_PAIRS_LOAD(48)
                     "smlad r8, r2, r5, r8\n"
                     "smlad r9, r2, r3, r9\n"
                     "smlad r9, r12, r4, r9\n"
                     "smlabt r8, lr, r7, r8\n"
                     "smlad r9, lr, r6, r9\n"
                     "ldr r2, [r0, #96]\n"
                     "ldr lr, [r0, #104]\n"
                     "smlad r9, r2, r5, r9\n"
                     "smlabt r9, lr, r7, r9\n" EA_PAIRS_REST(96));
}

#else

/* The sum of two pairs' products. */
EA_INLINE int32_t ea_pairs_product(uint32_t a, uint32_t b)
{
    const int32_t low = (int16_t)(a & 0xffffu) * (int16_t)(b & 0xffffu);
    return low + (int16_t)(a >> 16) * (int16_t)(b >> 16);
}

/* Column i of a channel: rows 0 and 1 as a pair, or row 2. */
EA_INLINE uint32_t ea_pairs_above(const uint32_t *x, int32_t i)
{
    return x[(i >> 1) * EA_PAIRS_STEP + (i & 1)];
}

EA_INLINE uint32_t ea_pairs_below(const uint32_t *x, int32_t i)
{
    return (x[(i >> 1) * EA_PAIRS_STEP + 2] >> (16 * (i & 1))) & 0xffffu;
}

/* The output of the window that begins at column i. */
EA_INLINE int8_t ea_pairs_output(const uint32_t *x, int32_t i, const int32_t *numbers)
{
    int32_t sum = numbers[5];
    for (int32_t k = 0; k < 3; k++)
        sum += ea_pairs_product(ea_pairs_above(x, i + k), (uint32_t)numbers[k]);
    sum += ea_pairs_product(ea_pairs_below(x, i) | ea_pairs_below(x, i + 1) << 16, (uint32_t)numbers[3]);
    sum += ea_pairs_product(ea_pairs_below(x, i + 2) << 16, (uint32_t)numbers[4]);
    const int64_t product = (int64_t)sum * numbers[6];
    const int32_t scaled = (int32_t)((product + ((int64_t)1 << 31)) >> 32);
    return (int8_t)ea_clamp((scaled + numbers[7] + (sum >> 31)) >> numbers[8], -128, 127);
}

EA_INLINE void ea_pairs_every(const struct ea_depthwise_pairs *four, int32_t stride)
{
    for (int32_t c = 0; c < EA_PAIRS_CHANNELS; c++) {
        const uint32_t *x = four->x + c * EA_PAIRS_WORDS;
        for (int32_t at = c, i = 0; at < four->all; at += four->channels, i += stride)
            four->y[at] = ea_pairs_output(x, i, four->numbers + c * EA_PAIRS_NUMBERS);
    }
}

/* Windows that begin at each column. */
EA_INLINE void ea_depthwise_pairs_run(const struct ea_depthwise_pairs *four)
{
    ea_pairs_every(four, 1);
}

/* Windows that begin at every other column. */
EA_INLINE void ea_depthwise_pairs_stride2_run(const struct ea_depthwise_pairs *four)
{
    ea_pairs_every(four, 2);
}

#endif

#endif
