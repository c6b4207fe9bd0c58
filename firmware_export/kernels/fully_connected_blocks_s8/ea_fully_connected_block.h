#ifndef EA_FULLY_CONNECTED_BLOCK_H
#define EA_FULLY_CONNECTED_BLOCK_H

#include "ea_blocks.h"
#include "ea_dsp.h"
#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_thumb.h"

#include <stdint.h>

#if EA_HAS_THUMB

/* On the stack behind the quads left: one word, scales, bytes from one quad's scales to the next one's, biases. */
#define EA_FULLY_CONNECTED_BLOCK_SCALES                                                                                \
    "ldr r2, [r0, #40]\n"                                                                                              \
    "str r2, [sp, #8]\n"                                                                                               \
    "ldr r2, [r0, #44]\n"                                                                                              \
    "str r2, [sp, #12]\n"

#define EA_FULLY_CONNECTED_BLOCK_BIASES                                                                                \
    "ldm r1!, {r0, r2}\n"                                                                                              \
    "adds r4, r4, r0\n"                                                                                                \
    "adds r5, r5, r2\n"                                                                                                \
    "ldm r1!, {r0, r2}\n"                                                                                              \
    "adds r6, r6, r0\n"                                                                                                \
    "adds r7, r7, r2\n"                                                                                                \
    "str r1, [sp, #16]\n"                                                                                              \
    "ldr r1, [sp, #8]\n"

/* The sum with its bias becomes an output. A negative tie rounds down: 1 less where nothing is below 2^32. */
#define EA_FULLY_CONNECTED_BLOCK_UNIT(sum, unit)                                                                       \
    "ldr r2, [r1, #4 * " #unit " + 4]\n"                                                                               \
    "muls r2, " #sum ", r2\n"                                                                                          \
    "lsrs r0, " #sum ", #31\n"                                                                                         \
    "subs r2, r2, r0\n"                                                                                                \
    "sbcs r2, r2\n"                                                                                                    \
    "str r2, [sp, #4]\n" EA_BLOCK_PRODUCT(sum, "4 * " #unit " + 4") "adds " #sum ", " #sum ", r3\n"                    \
                                                                    "ldr r2, [sp, #4]\n"                               \
                                                                    "adds " #sum ", " #sum                             \
                                                                    ", r2\n" EA_BLOCK_OUTPUT(sum, unit)

#define EA_FULLY_CONNECTED_BLOCK_UNITS                                                                                 \
    EA_FULLY_CONNECTED_BLOCK_UNIT(r4, 0)                                                                               \
    EA_FULLY_CONNECTED_BLOCK_UNIT(r5, 1)                                                                               \
    EA_FULLY_CONNECTED_BLOCK_UNIT(r6, 2)                                                                               \
    EA_FULLY_CONNECTED_BLOCK_UNIT(r7, 3)                                                                               \
    "ldr r0, [sp, #12]\n"                                                                                              \
    "adds r0, r1, r0\n"                                                                                                \
    "str r0, [sp, #8]\n"                                                                                               \
    "ldr r1, [sp, #16]\n"

EA_ASSEMBLY void ea_fully_connected_block_run(const struct ea_block *block __attribute__((unused)))
{
    __asm__ volatile(EA_BLOCK_BEGIN EA_FULLY_CONNECTED_BLOCK_SCALES "0:\n" EA_BLOCK_SUMS("sxtb r2, r2\n"));
    __asm__ volatile(
        EA_BLOCK_SYNTAX EA_FULLY_CONNECTED_BLOCK_BIASES EA_FULLY_CONNECTED_BLOCK_UNITS EA_BLOCK_NEXT EA_BLOCK_END);
}

#elif EA_HAS_THUMB2

/* r0: x, one byte back. r8, r9, r10: sums. */
#define EA_FULLY_CONNECTED_BLOCK_VALUE(weights, at)                                                                    \
    "ldrsb r3, [r0, #" at "\n" EA_BLOCK_MIDDLE(weights) "mla r9, r3, r7, r9\n" EA_BLOCK_TOP(                           \
        weights) "mla r10, r3, r7, r10\n" EA_BLOCK_LOW(weights) "mla r8, r3, " #weights ", r8\n"

#define EA_FULLY_CONNECTED_BLOCK_FOUR(first, second, third, fourth)                                                    \
    "ldm r2!, {r1, r4, r5, r6}\n" EA_FULLY_CONNECTED_BLOCK_VALUE(r1, first) EA_FULLY_CONNECTED_BLOCK_VALUE(r4, second) \
        EA_FULLY_CONNECTED_BLOCK_VALUE(r5, third) EA_FULLY_CONNECTED_BLOCK_VALUE(r6, fourth)

/* r2: weights. r11: end of x. r12: -addend. lr: y. On the stack: where eights of x begin, x, starts of the sums (two are
 * the same), scales, bytes from one quad's to the next one's, quads left. */
#define EA_FULLY_CONNECTED_BLOCK_BEGIN                                                                                 \
    "push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"                                                                    \
    "ldm r0, {r1, r2, r3, r4, r5, r6, r7, r8, r9, r10}\n"                                                              \
    "mov r2, r6\n"                                                                                                     \
    "mov lr, r7\n"                                                                                                     \
    "rsb r12, r10, #0\n"                                                                                               \
    "subs r1, r1, #1\n"                                                                                                \
    "ldrd r5, r6, [r0, #40]\n"                                                                                         \
    "and r0, r3, #7\n"                                                                                                 \
    "add r0, r0, r1\n"                                                                                                 \
    "add r11, r3, r1\n"                                                                                                \
    "add r3, r4, r4, lsl #8\n"                                                                                         \
    "add r4, r4, r4, lsl #16\n"                                                                                        \
    "push {r0, r1, r3, r4, r5, r6, r9}\n"

#define EA_FULLY_CONNECTED_BLOCK_SUMS                                                                                  \
    "ldrd r0, r8, [sp, #4]\n"                                                                                          \
    "ldr r9, [sp, #12]\n"                                                                                              \
    "mov r10, r8\n"                                                                                                    \
    "b 2f\n"                                                                                                           \
    "1:\n"                                                                                                             \
    "ldr r5, [r2], #4\n" EA_FULLY_CONNECTED_BLOCK_VALUE(                                                               \
        r5, "1]!") "2:\n"                                                                                              \
                   "ldr r7, [sp, #0]\n"                                                                                \
                   "cmp r0, r7\n"                                                                                      \
                   "bne 1b\n"                                                                                          \
                   "b 4f\n"                                                                                            \
                   ".balign 4\n"                                                                                       \
                   "3:\n" EA_FULLY_CONNECTED_BLOCK_FOUR("1]", "2]", "3]", "4]")                                        \
                       EA_FULLY_CONNECTED_BLOCK_FOUR("5]", "6]", "7]", "8]!") "4:\n"                                   \
                                                                              "cmp r0, r11\n"                          \
                                                                              "bne 3b\n"

/* The sum with its bias becomes an output. r2: biases. r6: multipliers. r7: shift. A negative tie rounds down: 1 less
 * where nothing is below 2^32. `shift` makes the sum whole. */
#define EA_FULLY_CONNECTED_BLOCK_UNIT(sum, shift)                                                                      \
    "ldr r0, [r2], #4\n"                                                                                               \
    "ldr r1, [r6], #4\n"                                                                                               \
    "add " #sum ", r0, " #sum shift "\n"                                                                               \
    "smull r0, r1, " #sum ", r1\n"                                                                                     \
    "lsl r3, r12, r7\n"                                                                                                \
    "cmp r0, " #sum ", lsr #31\n"                                                                                      \
    "sbc r1, r1, r3\n"                                                                                                 \
    "asr r1, r1, r7\n"                                                                                                 \
    "ssat r1, #8, r1, asr #1\n"                                                                                        \
    "strb r1, [lr], #1\n"                                                                                              \
    "lsrs r7, r7, #8\n"

#define EA_FULLY_CONNECTED_BLOCK_UNITS                                                                                 \
    EA_BLOCK_APART(r8, r9, r10, r4)                                                                                    \
    "ldrd r6, r5, [sp, #16]\n"                                                                                         \
    "adds r5, r5, r6\n"                                                                                                \
    "str r5, [sp, #16]\n"                                                                                              \
    "ldr r7, [r6], #4\n" EA_FULLY_CONNECTED_BLOCK_UNIT(r8, ", asr #8") EA_FULLY_CONNECTED_BLOCK_UNIT(r10, "")          \
        EA_FULLY_CONNECTED_BLOCK_UNIT(r4, "") EA_FULLY_CONNECTED_BLOCK_UNIT(r9, "")

#define EA_FULLY_CONNECTED_BLOCK_END                                                                                   \
    "ldr r7, [sp, #24]\n"                                                                                              \
    "subs r7, r7, #1\n"                                                                                                \
    "str r7, [sp, #24]\n"                                                                                              \
    "bne 0b\n"                                                                                                         \
    "add sp, sp, #28\n"                                                                                                \
    "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n"

EA_ASSEMBLY void ea_fully_connected_block_run(const struct ea_block *block __attribute__((unused)))
{
    __asm__ volatile(EA_FULLY_CONNECTED_BLOCK_BEGIN
                     "0:\n" EA_FULLY_CONNECTED_BLOCK_SUMS EA_FULLY_CONNECTED_BLOCK_UNITS EA_FULLY_CONNECTED_BLOCK_END);
}

#else

/* The sum of one unit of a quad, before its bias. */
EA_INLINE uint32_t ea_fully_connected_block_sum(const struct ea_block *block, const uint32_t *weights, int32_t unit)
{
    const int8_t *const x = (const int8_t *)block->x[0];
    int32_t sum = block->start[0];
    for (int32_t i = 0; i < block->count; i++)
        sum += x[i] * ea_block_weight(weights[i], unit);
    return (uint32_t)sum;
}

EA_INLINE void ea_fully_connected_block_run(const struct ea_block *block)
{
    const uint32_t *weights = block->weights, *scales = block->scales;
    for (int32_t quad = 0; quad < block->quads; quad++) {
        for (int32_t unit = 0; unit < EA_BLOCK_CHANNELS; unit++) {
            const uint32_t bias = weights[block->count + unit];
            const int32_t sum = ea_wrap(bias + ea_fully_connected_block_sum(block, weights, unit));
            const int64_t product = (int64_t)sum * (int32_t)scales[1 + unit] - (sum < 0 ? 1 : 0);
            block->y[0][quad * EA_BLOCK_CHANNELS + unit] = ea_block_output(block, scales[0], unit, product >> 32);
        }
        weights += block->count + EA_BLOCK_CHANNELS;
        scales += block->scale_bytes / 4;
    }
}

#endif

#endif
