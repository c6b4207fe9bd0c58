#ifndef EA_WINOGRAD_BLOCK_H
#define EA_WINOGRAD_BLOCK_H

#include "ea_dsp.h"
#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_winograd_window.h"

#include <stdint.h>
#include <string.h>

#define EA_WINOGRAD_TILES 2    /* windows, four columns of outputs each */
#define EA_WINOGRAD_OUTPUTS 8  /* columns */
#define EA_WINOGRAD_CHANNELS 4 /* of outputs, together */
#define EA_WINOGRAD_SUMS (EA_WINOGRAD_COLUMNS * EA_WINOGRAD_TILES * EA_WINOGRAD_CHANNELS)
#define EA_WINOGRAD_PARKED                                                                                             \
    (EA_WINOGRAD_SUMS + EA_WINOGRAD_OUTPUTS) /* words: sums, then a quad of outputs each column */
#if defined(EA_SHORT_LOOPS)
#define EA_WINOGRAD_UNROLLED 8 /* steps */
#define EA_WINOGRAD_PASS "8"
#define EA_WINOGRAD_PASS_STEPS "0, 1, 2, 3, 4, 5, 6, 7"
#else
#define EA_WINOGRAD_UNROLLED 16
#define EA_WINOGRAD_PASS "16"
#define EA_WINOGRAD_PASS_STEPS "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15"
#endif
#define EA_WINOGRAD_STEP_BYTES 16 /* of weights; three times as many of x */
#define EA_WINOGRAD_STEP_CODE_BYTES 56
#define EA_WINOGRAD_THIRD 0xaaaaaaabu /* 3 * this is 1 modulo 2^32 */

/* Two windows under all filters. The assembly knows the order of the fields. A step is a pair of input channels. */
struct ea_winograd_block {
    const uint32_t *x;      /* [step][position][tile]: two int16 */
    int32_t ahead;          /* bytes of weights from the second step to where a whole first pass would begin */
    int32_t skipped_code;   /* bytes of instructions that the first pass leaves out */
    const uint32_t *x_end;  /* behind the last step */
    const int16_t *weights; /* of each quad, and its channels' numbers */
    uint32_t *parked;       /* [position][channel of the quad][tile]: sums; then outputs [8 columns][channel] */
    uint32_t *parked_end;   /* of the sums */
    int32_t back;           /* bytes of x from behind a position's steps to the next position's first */
    int8_t *y;
    int32_t channels; /* of y */
    int32_t columns;  /* 1 to 8 */
    int32_t left;     /* channels */
};

#if EA_HAS_DSP

/* r12: x. lr: weights. r0, r1: a pair of each tile. Sums: r4, r5 of channel 0, ... r10, r11 of channel 3. */
#define EA_WINOGRAD_FIRST                                                                                              \
    "ldr r0, [r12, #0]\n"                                                                                              \
    "ldr r1, [r12, #4]\n"                                                                                              \
    "ldr r2, [lr, #0]\n"                                                                                               \
    "ldr r3, [lr, #4]\n"                                                                                               \
    "smuad r4, r0, r2\n"                                                                                               \
    "smuad r5, r1, r2\n"                                                                                               \
    "smuad r6, r0, r3\n"                                                                                               \
    "smuad r7, r1, r3\n"                                                                                               \
    "ldr r2, [lr, #8]\n"                                                                                               \
    "ldr r3, [lr, #12]\n"                                                                                              \
    "smuad r8, r0, r2\n"                                                                                               \
    "smuad r9, r1, r2\n"                                                                                               \
    "smuad r10, r0, r3\n"                                                                                              \
    "smuad r11, r1, r3\n"

#define EA_WINOGRAD_STEPS                                                                                              \
    ".irp step, " EA_WINOGRAD_PASS_STEPS "\n"                                                                          \
    "ldr r0, [r12, #48 * \\step]\n"                                                                                    \
    "ldr r1, [r12, #48 * \\step + 4]\n"                                                                                \
    "ldr r2, [lr, #16 * \\step]\n"                                                                                     \
    "ldr r3, [lr, #16 * \\step + 4]\n"                                                                                 \
    "smlad r4, r0, r2, r4\n"                                                                                           \
    "smlad r5, r1, r2, r5\n"                                                                                           \
    "smlad r6, r0, r3, r6\n"                                                                                           \
    "smlad r7, r1, r3, r7\n"                                                                                           \
    "ldr r2, [lr, #16 * \\step + 8]\n"                                                                                 \
    "ldr r3, [lr, #16 * \\step + 12]\n"                                                                                \
    "smlad r8, r0, r2, r8\n"                                                                                           \
    "smlad r9, r1, r2, r9\n"                                                                                           \
    "smlad r10, r0, r3, r10\n"                                                                                         \
    "smlad r11, r1, r3, r11\n"                                                                                         \
    ".endr\n"

#define EA_WINOGRAD_X "0"
#define EA_WINOGRAD_AHEAD "4"
#define EA_WINOGRAD_ENTRY "8"
#define EA_WINOGRAD_X_END "12"
#define EA_WINOGRAD_WEIGHTS "16"
#define EA_WINOGRAD_SUMS_AT "20"
#define EA_WINOGRAD_SUMS_END "24"
#define EA_WINOGRAD_BACK "28"
#define EA_WINOGRAD_Y "32"
#define EA_WINOGRAD_COLUMNS_OF_Y "40"
#define EA_WINOGRAD_LEFT "44"
#define EA_WINOGRAD_TO "48"

/* On the stack: the struct, with the address where the first pass begins; and where sums go. */
#define EA_WINOGRAD_BEGIN                                                                                              \
    "push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"                                                                    \
    "sub sp, #52\n"                                                                                                    \
    "ldm r0, {r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11}\n"                                                     \
    "adr r12, 1f\n"                                                                                                    \
    "add r2, r2, r12\n"                                                                                                \
    "orr r2, r2, #1\n"                                                                                                 \
    "stm sp, {r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11}\n"                                                     \
    "mov lr, r4\n"

#define EA_WINOGRAD_QUAD                                                                                               \
    "ldr r12, [sp, #" EA_WINOGRAD_X "]\n"                                                                              \
    "ldr r0, [sp, #" EA_WINOGRAD_SUMS_AT "]\n"                                                                         \
    "str r0, [sp, #" EA_WINOGRAD_TO "]\n"

#define EA_WINOGRAD_ENTER                                                                                              \
    "ldrd r0, r1, [sp, #" EA_WINOGRAD_AHEAD "]\n"                                                                      \
    "add lr, lr, r0\n"                                                                                                 \
    "add r12, r12, r0\n"                                                                                               \
    "add r12, r12, r0, lsl #1\n"                                                                                       \
    "bx r1\n"

#define EA_WINOGRAD_AGAIN                                                                                              \
    "ldr r0, [sp, #" EA_WINOGRAD_X_END "]\n"                                                                           \
    "add r12, r12, #48 * " EA_WINOGRAD_PASS "\n"                                                                       \
    "add lr, lr, #16 * " EA_WINOGRAD_PASS "\n"                                                                         \
    "cmp r12, r0\n"                                                                                                    \
    "blo 1b\n"

/* A position's sums; then the next position. */
#define EA_WINOGRAD_PARK                                                                                               \
    "ldr r0, [sp, #" EA_WINOGRAD_TO "]\n"                                                                              \
    "ldr r1, [sp, #" EA_WINOGRAD_SUMS_END "]\n"                                                                        \
    "ldr r2, [sp, #" EA_WINOGRAD_BACK "]\n"                                                                            \
    "stm r0!, {r4, r5, r6, r7, r8, r9, r10, r11}\n"                                                                    \
    "sub r12, r12, r2\n"                                                                                               \
    "str r0, [sp, #" EA_WINOGRAD_TO "]\n"                                                                              \
    "cmp r0, r1\n"                                                                                                     \
    "bne 2b\n"

/* 24 times a sum becomes an output: divided by 3, then by 4, so that it is doubled; with the bias, requantised. A negative
 * tie rounds down: the sign goes into the addend. r0 to r3: the channel's numbers. r10: where outputs go. r11: the third. */
#define EA_WINOGRAD_OUTPUT(y, at)                                                                                      \
    "mul " #y ", " #y ", r11\n"                                                                                        \
    "add " #y ", r0, " #y ", asr #2\n"                                                                                 \
    "add r5, r2, " #y ", asr #31\n"                                                                                    \
    "smmlar " #y ", " #y ", r1, r5\n"                                                                                  \
    "asr " #y ", " #y ", r3\n"                                                                                         \
    "ssat " #y ", #8, " #y "\n"                                                                                        \
    "strb " #y ", [r10, #" at "]\n"

/* Four columns. r12: sums of a channel, [position] 32 bytes apart. */
#define EA_WINOGRAD_TILE(sum, first)                                                                                   \
    "ldr r4, [r12, #" sum "]\n"                                                                                        \
    "ldr r5, [r12, #" sum " + 32]\n"                                                                                   \
    "ldr r6, [r12, #" sum " + 64]\n"                                                                                   \
    "ldr r7, [r12, #" sum " + 96]\n"                                                                                   \
    "ldr r8, [r12, #" sum " + 128]\n"                                                                                  \
    "ldr r9, [r12, #" sum " + 160]\n"                                                                                  \
    "add r4, r4, r5\n"                                                                                                 \
    "add r4, r4, r6\n"                                                                                                 \
    "sub r5, r5, r6\n"                                                                                                 \
    "add r7, r7, r8\n"                                                                                                 \
    "sub r8, r7, r8, lsl #1\n"                                                                                         \
    "add r4, r4, r7\n"                                                                                                 \
    "add r6, r5, r6, lsl #1\n"                                                                                         \
    "add r6, r6, r7, lsl #2\n"                                                                                         \
    "add r7, r5, r8, lsl #1\n"                                                                                         \
    "add r9, r9, r5\n"                                                                                                 \
    "add r9, r9, r8, lsl #3\n" EA_WINOGRAD_OUTPUT(r4, first) EA_WINOGRAD_OUTPUT(r7, first " + 4")                      \
        EA_WINOGRAD_OUTPUT(r6, first " + 8") EA_WINOGRAD_OUTPUT(r9, first " + 12")

#define EA_WINOGRAD_RESULTS                                                                                            \
    "ldr r12, [sp, #" EA_WINOGRAD_SUMS_AT "]\n"                                                                        \
    "add r10, r12, #192\n"                                                                                             \
    "mov r11, #0xaaaaaaaa\n"                                                                                           \
    "add r11, r11, #1\n"                                                                                               \
    "3:\n"                                                                                                             \
    "ldm lr!, {r0, r1, r2, r3}\n" EA_WINOGRAD_TILE("0", "0") EA_WINOGRAD_TILE("4", "16") "add r12, r12, #8\n"          \
                                                                                         "add r10, r10, #1\n"          \
                                                                                         "tst r10, #3\n"               \
                                                                                         "bne 3b\n"                    \
                                                                                         "sub r10, r10, #4\n"

/* Eight columns of four channels, or the last few of both; then the next quad. */
#define EA_WINOGRAD_STORE                                                                                              \
    "ldrd r0, r1, [sp, #" EA_WINOGRAD_Y "]\n"                                                                          \
    "ldrd r2, r3, [sp, #" EA_WINOGRAD_COLUMNS_OF_Y "]\n"                                                               \
    "add r12, r0, #4\n"                                                                                                \
    "str r12, [sp, #" EA_WINOGRAD_Y "]\n"                                                                              \
    "sub r12, r3, #4\n"                                                                                                \
    "str r12, [sp, #" EA_WINOGRAD_LEFT "]\n"                                                                           \
    "cmp r3, #4\n"                                                                                                     \
    "blt 5f\n"                                                                                                         \
    "cmp r2, #8\n"                                                                                                     \
    "bne 5f\n"                                                                                                         \
    "ldm r10, {r4, r5, r6, r7, r8, r9, r10, r11}\n"                                                                    \
    ".irp from, r4, r5, r6, r7, r8, r9, r10, r11\n"                                                                    \
    "str \\from, [r0]\n"                                                                                               \
    "add r0, r0, r1\n"                                                                                                 \
    ".endr\n"                                                                                                          \
    "b 8f\n"                                                                                                           \
    "5:\n"                                                                                                             \
    "ldr r4, [r10], #4\n"                                                                                              \
    "mov r5, r0\n"                                                                                                     \
    "cmp r3, #4\n"                                                                                                     \
    "ite lt\n"                                                                                                         \
    "movlt r6, r3\n"                                                                                                   \
    "movge r6, #4\n"                                                                                                   \
    "6:\n"                                                                                                             \
    "strb r4, [r5], #1\n"                                                                                              \
    "lsr r4, r4, #8\n"                                                                                                 \
    "subs r6, r6, #1\n"                                                                                                \
    "bne 6b\n"                                                                                                         \
    "add r0, r0, r1\n"                                                                                                 \
    "subs r2, r2, #1\n"                                                                                                \
    "bne 5b\n"                                                                                                         \
    "8:\n"                                                                                                             \
    "cmp r12, #0\n"                                                                                                    \
    "bgt 0b\n"                                                                                                         \
    "add sp, #52\n"                                                                                                    \
    "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n"

EA_ASSEMBLY void ea_winograd_run(const struct ea_winograd_block *block __attribute__((unused)))
{
    __asm__ volatile(
        EA_WINOGRAD_BEGIN
        "0:\n" EA_WINOGRAD_QUAD "2:\n" EA_WINOGRAD_FIRST EA_WINOGRAD_ENTER
        ".balign 4\n1:\n" EA_WINOGRAD_STEPS EA_WINOGRAD_AGAIN EA_WINOGRAD_PARK EA_WINOGRAD_RESULTS EA_WINOGRAD_STORE);
}

#else

/* The products of two int16 each. */
EA_INLINE int32_t ea_winograd_products(uint32_t two, const int16_t weights[2])
{
    return (int16_t)(uint16_t)(two & 0xffffu) * weights[0] + (int16_t)(uint16_t)(two >> 16) * weights[1];
}

/* The sum of a position for one tile and channel of a quad, modulo 2^32. weights: of the position, and this channel. */
EA_INLINE uint32_t ea_winograd_sum(const uint32_t *x, const uint32_t *x_end, const int16_t *weights)
{
    uint32_t sum = 0;
    for (; x < x_end; x += EA_WINOGRAD_STEP, weights += 2 * EA_WINOGRAD_CHANNELS)
        sum += (uint32_t)ea_winograd_products(*x, weights);
    return sum;
}

/* y: 24 times the sums of four columns. */
EA_INLINE void ea_winograd_columns(const uint32_t m[EA_WINOGRAD_COLUMNS], uint32_t y[4])
{
    y[0] = m[0] + m[1] + m[2] + m[3] + m[4];
    y[1] = m[1] - m[2] + 2 * (m[3] - m[4]);
    y[2] = m[1] + m[2] + 4 * (m[3] + m[4]);
    y[3] = m[1] - m[2] + 8 * (m[3] - m[4]) + m[5];
}

/* numbers: of this channel. */
EA_INLINE int8_t ea_winograd_output(const int32_t numbers[4], uint32_t sum)
{
    const int32_t doubled = numbers[0] + (ea_wrap(sum * EA_WINOGRAD_THIRD) >> 2);
    const int32_t scaled = (int32_t)(((int64_t)doubled * numbers[1] + ((int64_t)1 << 31)) >> 32);
    return (int8_t)ea_clamp((scaled + numbers[2] + (doubled >> 31)) >> numbers[3], -128, 127);
}

/* Four columns of a channel, those of them that there are. weights: of its quad, c: its place there. */
EA_INLINE void ea_winograd_tile(
    const struct ea_winograd_block *block, const int16_t *weights, int32_t c, int32_t tile, int8_t *y)
{
    const int32_t position_words = (int32_t)(block->x_end - block->x) / EA_WINOGRAD_STEP * EA_WINOGRAD_CHANNELS;
    int32_t numbers[4];
    uint32_t m[EA_WINOGRAD_COLUMNS], of_column[4];
    memcpy(numbers, weights + 2 * EA_WINOGRAD_COLUMNS * position_words + 8 * c, sizeof numbers);
    for (int32_t j = 0; j < EA_WINOGRAD_COLUMNS; j++)
        m[j] = ea_winograd_sum(block->x + 2 * j + tile, block->x_end, weights + 2 * (j * position_words + c));
    ea_winograd_columns(m, of_column);
    for (int32_t column = 0; column < 4 && 4 * tile + column < block->columns; column++)
        y[(4 * tile + column) * block->channels] = ea_winograd_output(numbers, of_column[column]);
}

EA_INLINE void ea_winograd_run(const struct ea_winograd_block *block)
{
    const int32_t steps = (int32_t)(block->x_end - block->x) / EA_WINOGRAD_STEP;
    const int32_t quad_halves = (EA_WINOGRAD_COLUMNS * steps + 4) * 2 * EA_WINOGRAD_CHANNELS;
    for (int32_t c = 0; c < block->left; c++)
        for (int32_t tile = 0; 4 * tile < block->columns; tile++)
            ea_winograd_tile(
                block, block->weights + c / EA_WINOGRAD_CHANNELS * quad_halves, c % EA_WINOGRAD_CHANNELS, tile,
                block->y + c);
}

#endif

#endif
