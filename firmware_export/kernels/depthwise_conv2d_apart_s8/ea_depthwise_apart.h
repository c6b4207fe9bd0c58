#ifndef EA_DEPTHWISE_APART_H
#define EA_DEPTHWISE_APART_H

#include "ea_depthwise_conv2d_apart_s8.h"
#include "ea_dsp.h"
#include "ea_language.h"
#include "ea_requantise.h"

#include <stdint.h>

#define EA_APART_COLUMNS 5 /* under two outputs side by side */
#define EA_APART_POSITIONS 15
#define EA_APART_BIASES 4
#define EA_APART_WEIGHTS 18

/* Two outputs side by side, and those to their right: all channels. Where the second lies on the first, the first one
 * counts. The assembly knows the order of the fields. */
struct ea_depthwise_apart {
    const int8_t *x[EA_APART_POSITIONS]; /* [row][column] */
    int8_t *y;
    int8_t *second;
    int32_t last; /* the first of the last four channels */
    const int32_t *numbers;
    int32_t step;  /* bytes of four columns of x */
    int32_t pairs; /* of outputs */
};

/* Where the columns under two outputs lie, from column `start` on. */
EA_INLINE void ea_depthwise_apart_place(
    const struct ea_depthwise_conv2d_apart_s8 *p, const int8_t *const rows[], int32_t start, const int8_t **x)
{
    for (int32_t row = 0; row < 3; row++) {
        int32_t at = start * p->channels;
        for (int32_t column = start; column < start + EA_APART_COLUMNS; column++, at += p->channels)
            *x++ = column >= 0 && column < p->input_width ? rows[row] + at : p->outside;
    }
}

/* The outputs from column `at` on that one run computes; returns the first column that is left. */
EA_INLINE int32_t ea_depthwise_apart_next(
    const struct ea_depthwise_conv2d_apart_s8 *p, const int8_t *const rows[], int32_t at, int8_t *y,
    struct ea_depthwise_apart *run)
{
    const int32_t width = p->output_width;
    const int32_t first = at + 1 < width || at == 0 ? at : at - 1; /* the last two may lie over those before */
    const int32_t start = 2 * first - p->padding;
    run->pairs = 1;
    if (start >= 0)
        while (first + 2 * run->pairs + 1 < width && start + 4 * run->pairs + EA_APART_COLUMNS <= p->input_width)
            run->pairs++;
    ea_depthwise_apart_place(p, rows, start, run->x);
    run->y = y + first * p->channels;
    run->second = run->y + (width > 1 ? p->channels : 0);
    run->last = p->channels - EA_APART_CHANNELS;
    run->numbers = p->numbers;
    run->step = 4 * p->channels;
    return first + 2 * run->pairs;
}

EA_INLINE void ea_depthwise_apart_clamp(const struct ea_depthwise_conv2d_apart_s8 *p, int8_t *y)
{
    if (p->low == -128 && p->high == 127)
        return;
    for (int32_t i = 0; i < p->output_width * p->channels; i++)
        y[i] = (int8_t)ea_clamp(y[i], p->low, p->high);
}

#if EA_HAS_DSP

/* On the stack: x, as the struct has it; y (60), second (64), last (68), numbers (72), step (76), pairs (80). r0: the
 * channel. r1: numbers. r4 to r7: sums of the first output, r8 to r11: of the second. r2, r3: four channels of x. r12 and
 * lr: two channels of x, and their weights. */

/* Channels `one` and `other` of both outputs, the second one first: before row 0 it has the first one's bias. */
#define EA_APART_TWO(x, next, bytes, one, other, second_one, second_other, from_one, from_other)                       \
    "sxtb16 r12, " next bytes "\n"                                                                                     \
    "smlabb " second_one ", r12, lr, " from_one "\n"                                                                   \
    "smlatt " second_other ", r12, lr, " from_other "\n"                                                               \
    "sxtb16 r12, " x bytes "\n"                                                                                        \
    "smlabb " one ", r12, lr, " one "\n"                                                                               \
    "smlatt " other ", r12, lr, " other "\n"

#define EA_APART_FIRST(x, next)                                                                                        \
    EA_APART_TWO(x, next, "", "r4", "r6", "r8", "r10", "r4", "r6")                                                     \
    "ldr lr, [r1], #4\n" EA_APART_TWO(x, next, ", ror #8", "r5", "r7", "r9", "r11", "r5", "r7")

#define EA_APART_FOUR(x, next)                                                                                         \
    EA_APART_TWO(x, next, "", "r4", "r6", "r8", "r10", "r8", "r10")                                                    \
    "ldr lr, [r1], #4\n" EA_APART_TWO(x, next, ", ror #8", "r5", "r7", "r9", "r11", "r9", "r11")

#define EA_APART_LOAD(x, next)                                                                                         \
    "ldr r2, [sp, #" x " + \\p]\n"                                                                                     \
    "ldr r3, [sp, #" next " + \\p]\n"                                                                                  \
    "ldr lr, [r1], #4\n"                                                                                               \
    "ldr r2, [r2, r0]\n"                                                                                               \
    "ldr r3, [r3, r0]\n"

/* The third column of the first window is the first one of the second. */
#define EA_APART_ROWS                                                                                                  \
    ".irp p, 0, 20, 40\n" EA_APART_LOAD("0", "8") ".if \\p == 0\n" EA_APART_FIRST("r2", "r3") ".else\n" EA_APART_FOUR( \
        "r2", "r3") ".endif\n"                                                                                         \
                    "ldr r2, [sp, #16 + \\p]\n"                                                                        \
                    "ldr lr, [r1], #4\n"                                                                               \
                    "ldr r2, [r2, r0]\n" EA_APART_FOUR("r3", "r2") EA_APART_LOAD("4", "12")                            \
                        EA_APART_FOUR("r2", "r3") ".endr\n"

/* `scale`: eight sums become eight outputs; r2, r3, r12 and lr are free. */
#define EA_APART_RUN(scale)                                                                                            \
    "push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"                                                                    \
    "sub sp, #84\n"                                                                                                    \
    "mov r1, sp\n"                                                                                                     \
    ".rept 3\n"                                                                                                        \
    "ldm r0!, {r2, r3, r4, r5, r6, r7, r8}\n"                                                                          \
    "stm r1!, {r2, r3, r4, r5, r6, r7, r8}\n"                                                                          \
    ".endr\n"                                                                                                          \
    "1:\n" /* two outputs */                                                                                           \
    "ldr r1, [sp, #72]\n"                                                                                              \
    "movs r0, #0\n"                                                                                                    \
    "2:\n" /* four channels */                                                                                         \
    "ldm r1!, {r4, r5, r6, r7}\n" EA_APART_ROWS scale "ldr r2, [sp, #60]\n"                                            \
    "ldr r3, [sp, #64]\n"                                                                                              \
    "ldr r12, [sp, #68]\n"                                                                                             \
    "add r2, r2, r0\n"                                                                                                 \
    "add r3, r3, r0\n"                                                                                                 \
    "cmp r0, r12\n"                                                                                                    \
    "strb r8, [r3]\n"                                                                                                  \
    "strb r9, [r3, #1]\n"                                                                                              \
    "strb r10, [r3, #2]\n"                                                                                             \
    "strb r11, [r3, #3]\n"                                                                                             \
    "strb r4, [r2]\n"                                                                                                  \
    "strb r5, [r2, #1]\n"                                                                                              \
    "strb r6, [r2, #2]\n"                                                                                              \
    "strb r7, [r2, #3]\n"                                                                                              \
    "beq 3f\n"                                                                                                         \
    "add r0, r0, #4\n"                                                                                                 \
    "cmp r0, r12\n"                                                                                                    \
    "it gt\n"                                                                                                          \
    "movgt r0, r12\n"                                                                                                  \
    "b 2b\n"                                                                                                           \
    "3:\n"                                                                                                             \
    "ldr r0, [sp, #80]\n"                                                                                              \
    "ldr r1, [sp, #76]\n"                                                                                              \
    "subs r0, r0, #1\n"                                                                                                \
    "beq 4f\n"                                                                                                         \
    "str r0, [sp, #80]\n"                                                                                              \
    "mov r0, sp\n"                                                                                                     \
    ".rept 3\n"                                                                                                        \
    "ldm r0, {r2, r3, r4, r5, r6}\n"                                                                                   \
    "add r2, r2, r1\n"                                                                                                 \
    "add r3, r3, r1\n"                                                                                                 \
    "add r4, r4, r1\n"                                                                                                 \
    "add r5, r5, r1\n"                                                                                                 \
    "add r6, r6, r1\n"                                                                                                 \
    "stm r0!, {r2, r3, r4, r5, r6}\n"                                                                                  \
    ".endr\n"                                                                                                          \
    "ldm r0, {r2, r3}\n"                                                                                               \
    "add r2, r2, r1, lsr #1\n"                                                                                         \
    "add r3, r3, r1, lsr #1\n"                                                                                         \
    "stm r0, {r2, r3}\n"                                                                                               \
    "b 1b\n"                                                                                                           \
    "4:\n"                                                                                                             \
    "add sp, #84\n"                                                                                                    \
    "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n"

#else

typedef int32_t (*ea_apart_scale)(int32_t sum, const int32_t *numbers);

/* What kernel columns 0, 2 and 1 of four channels, `x` their three rows, add up to for channel c. */
EA_INLINE int32_t ea_apart_sum(const int8_t *const *x, int32_t c, const int32_t *numbers)
{
    static const int32_t columns[3] = {0, 2, 1};
    const int32_t *weights = numbers + EA_APART_BIASES + (c & 1);
    int32_t sum = numbers[c & 3];
    for (int32_t row = 0; row < 3; row++)
        for (int32_t i = 0; i < 3; i++, weights += 2) {
            const uint32_t pair = (uint32_t)*weights;
            sum += x[row * EA_APART_COLUMNS + columns[i]][c] * (int16_t)(c & 2 ? pair >> 16 : pair & 0xffffu);
        }
    return sum;
}

EA_INLINE void ea_apart_every(const struct ea_depthwise_apart *run, int32_t size, ea_apart_scale scale)
{
    const int32_t quad = EA_APART_BIASES + EA_APART_WEIGHTS + EA_APART_CHANNELS * size;
    for (int32_t pair = 0; pair < run->pairs; pair++)
        for (int32_t half = 1; half >= 0; half--) {
            int8_t *const y = (half ? run->second : run->y) + pair * (run->step / 2);
            const int32_t *numbers = run->numbers;
            for (int32_t first = 0; first < run->last + EA_APART_CHANNELS;
                 first += EA_APART_CHANNELS, numbers += quad) {
                const int32_t channel = first < run->last ? first : run->last;
                const int8_t *x[EA_APART_POSITIONS];
                for (int32_t i = 0; i < EA_APART_POSITIONS - 2 * half; i++)
                    x[i] = run->x[i + 2 * half] + pair * run->step + channel;
                for (int32_t c = 0; c < EA_APART_CHANNELS; c++) {
                    const int32_t *own = numbers + EA_APART_BIASES + EA_APART_WEIGHTS + c * size;
                    y[channel + c] = (int8_t)ea_clamp(scale(ea_apart_sum(x, c, numbers), own), -128, 127);
                }
            }
        }
}

#endif

#endif
