#ifndef EA_CONV2D_BLOCK_H
#define EA_CONV2D_BLOCK_H

#include "ea_blocks.h"
#include "ea_dsp.h"
#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_thumb.h"

#include <stdint.h>

#if EA_HAS_THUMB

#define EA_BLOCK_PIXELS 1

/* Twice the sum with its bias becomes an output. A negative tie rounds down: the sign counts. */
#define EA_CONV2D_BLOCK_CHANNEL(sum, channel)                                                                          \
    "adds " #sum ", " #sum ", " #sum "\n"                                                                              \
    "ldr r0, [r1, #8 * " #channel " + 4]\n"                                                                            \
    "adds " #sum ", " #sum                                                                                             \
    ", r0\n" EA_BLOCK_PRODUCT(sum, "8 * " #channel " + 8") "adcs " #sum ", r3\n"                                       \
                                                           "asrs r0, " #sum ", #31\n"                                  \
                                                           "adds " #sum ", " #sum                                      \
                                                           ", r0\n" EA_BLOCK_OUTPUT(sum, channel)

EA_ASSEMBLY void ea_conv2d_block_run(const struct ea_block *block __attribute__((unused)))
{
    __asm__ volatile(EA_BLOCK_BEGIN "0:\n" EA_BLOCK_SUMS(""));
    __asm__ volatile(EA_BLOCK_SYNTAX EA_CONV2D_BLOCK_CHANNEL(r4, 0) EA_CONV2D_BLOCK_CHANNEL(r5, 1)
                         EA_CONV2D_BLOCK_CHANNEL(r6, 2)
                             EA_CONV2D_BLOCK_CHANNEL(r7, 3) "adds r1, r1, #36\n" EA_BLOCK_NEXT EA_BLOCK_END);
}

#elif EA_HAS_THUMB2

#define EA_BLOCK_PIXELS 2

/* r0, r1: x of two pixels, one byte back. r8, r9, r10: sums of the first; r11, r12, lr: of the second. */
#define EA_CONV2D_BLOCK_VALUE(weights, first, second)                                                                  \
    "ldrb r3, " first "\n"                                                                                             \
    "ldrb r4, " second                                                                                                 \
    "\n" EA_BLOCK_MIDDLE(weights) "mla r9, r3, r7, r9\n"                                                               \
                                  "mla r12, r4, r7, r12\n" EA_BLOCK_TOP(weights) "mla r10, r3, r7, r10\n"              \
                                                                                 "mla lr, r4, r7, lr\n" EA_BLOCK_LOW(  \
                                                                                     weights) "mla r8, r3, " #weights  \
                                                                                              ", r8\n"                 \
                                                                                              "mla r11, r4, " #weights \
                                                                                              ", r11\n"

#define EA_CONV2D_BLOCK_PAIR(first, second, back)                                                                      \
    "ldm r2!, {r5, r6}\n" EA_CONV2D_BLOCK_VALUE(r5, "[r0, #" first "]", "[r1, #" first "]")                            \
        EA_CONV2D_BLOCK_VALUE(r6, "[r0, #" second "]" back, "[r1, #" second "]" back)

/* On the stack: where eights of x begin, x of both pixels, its end, starts of the three sums of each (two are the same),
 * y of both, quads left, addend. */
#define EA_CONV2D_BLOCK_BEGIN                                                                                          \
    "push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"                                                                    \
    "ldm r0, {r1, r2, r3, r4, r5, r6, r7, r8, r9, r10}\n"                                                              \
    "push {r7, r8, r9, r10}\n"                                                                                         \
    "add r7, r4, r4, lsl #8\n"                                                                                         \
    "add r8, r4, r4, lsl #16\n"                                                                                        \
    "add r9, r5, r5, lsl #8\n"                                                                                         \
    "add r10, r5, r5, lsl #16\n"                                                                                       \
    "push {r7, r8, r9, r10}\n"                                                                                         \
    "subs r1, r1, #1\n"                                                                                                \
    "subs r2, r2, #1\n"                                                                                                \
    "and r0, r3, #7\n"                                                                                                 \
    "add r0, r0, r1\n"                                                                                                 \
    "add r3, r3, r1\n"                                                                                                 \
    "push {r0, r1, r2, r3}\n"                                                                                          \
    "mov r2, r6\n"

#define EA_CONV2D_BLOCK_SUMS                                                                                           \
    "ldrd r0, r1, [sp, #4]\n"                                                                                          \
    "ldrd r8, r9, [sp, #16]\n"                                                                                         \
    "ldrd r11, r12, [sp, #24]\n"                                                                                       \
    "mov r10, r8\n"                                                                                                    \
    "mov lr, r11\n"                                                                                                    \
    "b 2f\n"                                                                                                           \
    "1:\n"                                                                                                             \
    "ldr r5, [r2], #4\n" EA_CONV2D_BLOCK_VALUE(r5, "[r0, #1]!", "[r1, #1]!") "2:\n"                                    \
                                                                             "ldr r7, [sp, #0]\n"                      \
                                                                             "cmp r0, r7\n"                            \
                                                                             "bne 1b\n"                                \
                                                                             "b 4f\n"                                  \
                                                                             ".balign 4\n"                             \
                                                                             "3:\n"

#define EA_CONV2D_BLOCK_EIGHT                                                                                          \
    EA_CONV2D_BLOCK_PAIR("1", "2", "")                                                                                 \
    EA_CONV2D_BLOCK_PAIR("3", "4", "")                                                                                 \
    EA_CONV2D_BLOCK_PAIR("5", "6", "")                                                                                 \
    EA_CONV2D_BLOCK_PAIR("7", "8", "!")                                                                                \
    "4:\n"                                                                                                             \
    "ldr r7, [sp, #12]\n"                                                                                              \
    "cmp r0, r7\n"                                                                                                     \
    "bne 3b\n"

/* One pixel's output in place of its sum. r0: twice the bias. r1: multiplier. r3: addend. r7: shift. */
#define EA_CONV2D_BLOCK_OUTPUT(sum)                                                                                    \
    "smull r0, r6, " #sum ", r1\n"                                                                                     \
    "adds r0, r0, r0\n"                                                                                                \
    "adc r6, r6, r3\n"                                                                                                 \
    "add r6, r6, " #sum ", asr #31\n"                                                                                  \
    "asr r6, r6, r7\n"                                                                                                 \
    "ssat " #sum ", #8, r6, asr #1\n"

/* A negative tie rounds down: the sign counts. `shift` doubles the sums. */
#define EA_CONV2D_BLOCK_CHANNEL(first, second, shift)                                                                  \
    "ldm r2!, {r0, r1}\n"                                                                                              \
    "ldr r3, [sp, #44]\n"                                                                                              \
    "lsl r3, r3, r7\n"                                                                                                 \
    "add " #first ", r0, " #first ", " shift "\n"                                                                      \
    "add " #second ", r0, " #second ", " shift "\n" EA_CONV2D_BLOCK_OUTPUT(first) EA_CONV2D_BLOCK_OUTPUT(second)

#define EA_CONV2D_BLOCK_CHANNELS                                                                                       \
    "ldr r7, [r2], #4\n" EA_CONV2D_BLOCK_CHANNEL(r8, r11, "asr #7") "lsr r7, r7, #8\n" EA_CONV2D_BLOCK_CHANNEL(        \
        r10, lr,                                                                                                       \
        "lsl #1") "lsr r7, r7, #8\n" EA_CONV2D_BLOCK_CHANNEL(r4, r5, "lsl #1") "lsr r7, r7, "                          \
                                                                               "#8\n" EA_CONV2D_BLOCK_CHANNEL(         \
                                                                                   r9, r12, "lsl #1")

#define EA_CONV2D_BLOCK_NEXT                                                                                           \
    "ldrd r0, r1, [sp, #32]\n"                                                                                         \
    "strb r8, [r0], #1\n"                                                                                              \
    "strb r10, [r0], #1\n"                                                                                             \
    "strb r4, [r0], #1\n"                                                                                              \
    "strb r9, [r0], #1\n"                                                                                              \
    "strb r11, [r1], #1\n"                                                                                             \
    "strb lr, [r1], #1\n"                                                                                              \
    "strb r5, [r1], #1\n"                                                                                              \
    "strb r12, [r1], #1\n"                                                                                             \
    "strd r0, r1, [sp, #32]\n"                                                                                         \
    "ldr r7, [sp, #40]\n"                                                                                              \
    "subs r7, r7, #1\n"                                                                                                \
    "str r7, [sp, #40]\n"                                                                                              \
    "bne 0b\n"                                                                                                         \
    "add sp, sp, #48\n"                                                                                                \
    "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n"

EA_ASSEMBLY void ea_conv2d_block_run(const struct ea_block *block __attribute__((unused)))
{
    __asm__ volatile(EA_CONV2D_BLOCK_BEGIN "0:\n" EA_CONV2D_BLOCK_SUMS EA_CONV2D_BLOCK_EIGHT);
    __asm__ volatile(EA_BLOCK_APART(r8, r9, r10, r4) EA_BLOCK_APART(r11, r12, lr, r5)
                         EA_CONV2D_BLOCK_CHANNELS EA_CONV2D_BLOCK_NEXT);
}

#else

#define EA_BLOCK_PIXELS 2

/* The sum of one channel of a quad, before its bias. */
EA_INLINE uint32_t
ea_conv2d_block_sum(const struct ea_block *block, int32_t pixel, const uint32_t *weights, int32_t channel)
{
    int32_t sum = block->start[pixel];
    for (int32_t i = 0; i < block->count; i++)
        sum += block->x[pixel][i] * ea_block_weight(weights[i], channel);
    return (uint32_t)sum;
}

EA_INLINE void ea_conv2d_block_run(const struct ea_block *block)
{
    const uint32_t *weights = block->weights;
    for (int32_t quad = 0; quad < block->quads; quad++, weights += block->count + 1 + 2 * EA_BLOCK_CHANNELS)
        for (int32_t at = 0; at < EA_BLOCK_PIXELS * EA_BLOCK_CHANNELS; at++) {
            const int32_t pixel = at / EA_BLOCK_CHANNELS, channel = at % EA_BLOCK_CHANNELS;
            const uint32_t *const numbers = weights + block->count;
            const uint32_t *const own = numbers + 1 + 2 * channel; /* bias, multiplier */
            const int32_t doubled = ea_wrap(own[0] + 2u * ea_conv2d_block_sum(block, pixel, weights, channel));
            const int64_t upper = ((int64_t)doubled * (int32_t)own[1] + ((int64_t)1 << 31)) >> 32;
            block->y[pixel][quad * EA_BLOCK_CHANNELS + channel] = ea_block_output(
                block, numbers[0], channel, upper + (doubled < 0 ? -1 : 0));
        }
}

#endif

#endif
