#ifndef EA_DEPTHWISE_STRIP_H
#define EA_DEPTHWISE_STRIP_H

#include "ea_dsp.h"
#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_thumb.h"

#include <stdint.h>
#include <string.h>

#define EA_STRIP_CHANNELS 4
#define EA_STRIP_WEIGHTS 9
#define EA_STRIP_ROW_BYTES 4
#define EA_STRIP_COLUMN_BYTES 12
#define EA_STRIP_QUAD_WORDS 18

/* Four channels of an output row. x: [column][3 rows][4 channels]. weights: of a quad, and its channels' numbers. The
 * assembly knows the order of the fields. */
struct ea_depthwise_strip {
    const int8_t *x;
    int8_t *y;
    const uint32_t *weights;
    int32_t step;      /* bytes from one window to the next */
    const int8_t *end; /* of the windows' first bytes */
    int32_t channels;  /* of y */
    int32_t addend;
};

#if EA_HAS_THUMB
#define EA_STRIP_SIGN 0x80808080u /* x lies there without a sign, 128 larger */
#else
#define EA_STRIP_SIGN 0u
#endif

/* Four bytes of x as the strip holds them. */
EA_INLINE void ea_depthwise_strip_move(const int8_t *x, int8_t *to)
{
    uint32_t four;
    memcpy(&four, x, 4);
    four ^= EA_STRIP_SIGN;
    memcpy(to, &four, 4);
}

/* The same where both are words in memory. */
EA_INLINE void ea_depthwise_strip_move_word(const int8_t *x, int8_t *to)
{
#if EA_HAS_THUMB
    ea_depthwise_strip_move((const int8_t *)__builtin_assume_aligned(x, 4), (int8_t *)__builtin_assume_aligned(to, 4));
#else
    ea_depthwise_strip_move(x, to);
#endif
}

#if EA_HAS_THUMB

/* r0: x. r1, r2: free. r3: sum. r4, r5: lower and upper half of the multiplier. r6: twice the bias. r7: y. r8: addend.
 * r9: shift. r10: bytes from behind a window to the next one. r11: end. r12: channels of y.
 * On the stack: weights, row by row; x and y of a channel, its weights, the quad's shifts, the channel, addend. */
#define EA_STRIP_BEGIN                                                                                                 \
    ".syntax unified\n"                                                                                                \
    "push {r4, r5, r6, r7, lr}\n"                                                                                      \
    "mov r4, r8\n"                                                                                                     \
    "mov r5, r9\n"                                                                                                     \
    "mov r6, r10\n"                                                                                                    \
    "mov r7, r11\n"                                                                                                    \
    "push {r4, r5, r6, r7}\n"                                                                                          \
    "sub sp, #60\n"                                                                                                    \
    "ldm r0!, {r1, r2, r3, r4, r5, r6, r7}\n"                                                                          \
    "str r1, [sp, #36]\n"                                                                                              \
    "str r2, [sp, #40]\n"                                                                                              \
    "str r3, [sp, #44]\n"                                                                                              \
    "adds r3, r3, #36\n"                                                                                               \
    "str r3, [sp, #48]\n"                                                                                              \
    "movs r1, #0\n"                                                                                                    \
    "str r1, [sp, #52]\n"                                                                                              \
    "str r7, [sp, #56]\n"                                                                                              \
    "subs r4, r4, #32\n"                                                                                               \
    "mov r10, r4\n"                                                                                                    \
    "mov r11, r5\n"                                                                                                    \
    "mov r12, r6\n"

/* 128 times the sum of the weights leaves the bias, for values without a sign. */
#define EA_STRIP_CHANNEL                                                                                               \
    "ldr r3, [sp, #44]\n"                                                                                              \
    "movs r4, #0\n"                                                                                                    \
    ".irp at, 0, 1, 2, 3, 4, 5, 6, 7, 8\n"                                                                             \
    "movs r1, #\\at\n"                                                                                                 \
    "ldrsb r2, [r3, r1]\n"                                                                                             \
    "str r2, [sp, #4 * \\at]\n"                                                                                        \
    "adds r4, r4, r2\n"                                                                                                \
    ".endr\n"                                                                                                          \
    "adds r3, r3, #9\n"                                                                                                \
    "str r3, [sp, #44]\n"                                                                                              \
    "lsls r6, r4, #8\n"                                                                                                \
    "ldr r1, [sp, #52]\n"                                                                                              \
    "ldr r2, [sp, #48]\n"                                                                                              \
    "ldrb r3, [r2, r1]\n"                                                                                              \
    "ldr r4, [sp, #56]\n"                                                                                              \
    "lsls r4, r3\n"                                                                                                    \
    "mov r8, r4\n"                                                                                                     \
    "adds r3, r3, #1\n"                                                                                                \
    "mov r9, r3\n"                                                                                                     \
    "lsls r4, r1, #3\n"                                                                                                \
    "adds r2, r2, r4\n"                                                                                                \
    "ldr r4, [r2, #4]\n"                                                                                               \
    "subs r6, r4, r6\n"                                                                                                \
    "ldrh r4, [r2, #8]\n"                                                                                              \
    "ldrh r5, [r2, #10]\n"                                                                                             \
    "adds r1, r1, #1\n"                                                                                                \
    "str r1, [sp, #52]\n"                                                                                              \
    "ldr r0, [sp, #36]\n"                                                                                              \
    "adds r1, r0, #1\n"                                                                                                \
    "str r1, [sp, #36]\n"                                                                                              \
    "ldr r7, [sp, #40]\n"                                                                                              \
    "adds r1, r7, #1\n"                                                                                                \
    "str r1, [sp, #40]\n"

#define EA_STRIP_VALUE(at, weight)                                                                                     \
    "ldrb r1, [r0, #" #at "]\n"                                                                                        \
    "ldr r2, [sp, #4 * " #weight "]\n"                                                                                 \
    "muls r2, r1, r2\n"                                                                                                \
    "adds r3, r3, r2\n"

#define EA_STRIP_WINDOW                                                                                                \
    "1:\n"                                                                                                             \
    "ldrb r1, [r0, #0]\n"                                                                                              \
    "ldr r3, [sp, #0]\n"                                                                                               \
    "muls r3, r1, r3\n" EA_STRIP_VALUE(12, 1) EA_STRIP_VALUE(24, 2) EA_STRIP_VALUE(4, 3) EA_STRIP_VALUE(16, 4)         \
        EA_STRIP_VALUE(28, 5) EA_STRIP_VALUE(8, 6) EA_STRIP_VALUE(20, 7) "adds r0, r0, #32\n" EA_STRIP_VALUE(0, 8)

/* Twice the sum with its bias, times the multiplier's halves, rounded. A negative tie rounds down: the sign counts. */
#define EA_STRIP_PRODUCT                                                                                               \
    "adds r3, r3, r3\n"                                                                                                \
    "adds r3, r3, r6\n"                                                                                                \
    "sxth r1, r3\n"                                                                                                    \
    "subs r3, r3, r1\n"                                                                                                \
    "asrs r3, r3, #16\n"                                                                                               \
    "movs r2, r4\n"                                                                                                    \
    "muls r2, r1, r2\n"                                                                                                \
    "asrs r2, r2, #16\n"                                                                                               \
    "muls r1, r5, r1\n"                                                                                                \
    "adds r2, r2, r1\n"                                                                                                \
    "movs r1, r4\n"                                                                                                    \
    "muls r1, r3, r1\n"                                                                                                \
    "adds r2, r2, r1\n"                                                                                                \
    "muls r3, r5, r3\n"                                                                                                \
    "asrs r2, r2, #16\n"                                                                                               \
    "adcs r3, r2\n"                                                                                                    \
    "asrs r1, r3, #31\n"                                                                                               \
    "adds r3, r3, r1\n"

#define EA_STRIP_OUTPUT                                                                                                \
    "add r3, r8\n"                                                                                                     \
    "mov r1, r9\n"                                                                                                     \
    "asrs r3, r1\n"                                                                                                    \
    "sxtb r1, r3\n"                                                                                                    \
    "cmp r1, r3\n"                                                                                                     \
    "beq 2f\n"                                                                                                         \
    "asrs r3, r3, #31\n"                                                                                               \
    "movs r1, #127\n"                                                                                                  \
    "eors r1, r3\n"                                                                                                    \
    "2:\n"                                                                                                             \
    "strb r1, [r7]\n"                                                                                                  \
    "add r7, r12\n"                                                                                                    \
    "add r0, r10\n"                                                                                                    \
    "cmp r0, r11\n"                                                                                                    \
    "blo 1b\n"

#define EA_STRIP_NEXT                                                                                                  \
    "ldr r1, [sp, #52]\n"                                                                                              \
    "cmp r1, #4\n"                                                                                                     \
    "beq 3f\n"                                                                                                         \
    "b 0b\n"                                                                                                           \
    "3:\n"                                                                                                             \
    "add sp, #60\n"                                                                                                    \
    "pop {r4, r5, r6, r7}\n"                                                                                           \
    "mov r8, r4\n"                                                                                                     \
    "mov r9, r5\n"                                                                                                     \
    "mov r10, r6\n"                                                                                                    \
    "mov r11, r7\n"                                                                                                    \
    "pop {r4, r5, r6, r7, pc}\n"

EA_ASSEMBLY void ea_depthwise_strip_run(const struct ea_depthwise_strip *strip __attribute__((unused)))
{
    __asm__ volatile(EA_STRIP_BEGIN
                     "0:\n" EA_STRIP_CHANNEL EA_STRIP_WINDOW EA_STRIP_PRODUCT EA_STRIP_OUTPUT EA_STRIP_NEXT);
}

#elif EA_HAS_THUMB2

/* r0: x. r1, r2, r3: free. r4 to r12: weights, row by row. lr: y. On the stack: twice the bias, multiplier, addend, shift;
 * channels of y, step, end; x and y of a channel, its weights and numbers; shifts, addend, channels left. */
#define EA_STRIP_BEGIN                                                                                                 \
    "push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"                                                                    \
    "ldm r0, {r1, r2, r3, r4, r5, r6, r7}\n"                                                                           \
    "ldr r8, [r3, #36]\n"                                                                                              \
    "add r9, r3, #40\n"                                                                                                \
    "mov r10, #4\n"                                                                                                    \
    "push {r7, r8, r10}\n"                                                                                             \
    "push {r1, r2, r3, r9}\n"                                                                                          \
    "mov r7, r5\n"                                                                                                     \
    "mov r5, r6\n"                                                                                                     \
    "mov r6, r4\n"                                                                                                     \
    "push {r5, r6, r7}\n"                                                                                              \
    "sub sp, sp, #16\n"

#define EA_STRIP_CHANNEL                                                                                               \
    "ldrd r1, r2, [sp, #36]\n"                                                                                         \
    "ldrsb r4, [r1, #0]\n"                                                                                             \
    "ldrsb r5, [r1, #1]\n"                                                                                             \
    "ldrsb r6, [r1, #2]\n"                                                                                             \
    "ldrsb r7, [r1, #3]\n"                                                                                             \
    "ldrsb r8, [r1, #4]\n"                                                                                             \
    "ldrsb r9, [r1, #5]\n"                                                                                             \
    "ldrsb r10, [r1, #6]\n"                                                                                            \
    "ldrsb r11, [r1, #7]\n"                                                                                            \
    "ldrsb r12, [r1, #8]\n"                                                                                            \
    "adds r1, r1, #9\n"                                                                                                \
    "ldm r2!, {r0, r3}\n"                                                                                              \
    "strd r1, r2, [sp, #36]\n"                                                                                         \
    "strd r0, r3, [sp, #0]\n"                                                                                          \
    "ldrd r1, r2, [sp, #44]\n"                                                                                         \
    "lsl r1, r1, r2\n"                                                                                                 \
    "strd r1, r2, [sp, #8]\n"                                                                                          \
    "lsrs r2, r2, #8\n"                                                                                                \
    "str r2, [sp, #48]\n"                                                                                              \
    "ldrd r0, lr, [sp, #28]\n"                                                                                         \
    "adds r1, r0, #1\n"                                                                                                \
    "add r2, lr, #1\n"                                                                                                 \
    "strd r1, r2, [sp, #28]\n"

#define EA_STRIP_WINDOW                                                                                                \
    "1:\n"                                                                                                             \
    "ldrsb r1, [r0, #0]\n"                                                                                             \
    "ldrsb r2, [r0, #12]\n"                                                                                            \
    "mul r3, r1, r4\n"                                                                                                 \
    "ldrsb r1, [r0, #24]\n"                                                                                            \
    "mla r3, r2, r5, r3\n"                                                                                             \
    "ldrsb r2, [r0, #4]\n"                                                                                             \
    "mla r3, r1, r6, r3\n"                                                                                             \
    "ldrsb r1, [r0, #16]\n"                                                                                            \
    "mla r3, r2, r7, r3\n"                                                                                             \
    "ldrsb r2, [r0, #28]\n"                                                                                            \
    "mla r3, r1, r8, r3\n"                                                                                             \
    "ldrsb r1, [r0, #8]\n"                                                                                             \
    "mla r3, r2, r9, r3\n"                                                                                             \
    "ldrsb r2, [r0, #20]\n"                                                                                            \
    "mla r3, r1, r10, r3\n"                                                                                            \
    "ldrsb r1, [r0, #32]\n"                                                                                            \
    "mla r3, r2, r11, r3\n"                                                                                            \
    "mla r3, r1, r12, r3\n"

/* A negative tie rounds down: the sign counts. */
#define EA_STRIP_OUTPUT                                                                                                \
    "ldrd r1, r2, [sp, #0]\n"                                                                                          \
    "add r3, r1, r3, lsl #1\n"                                                                                         \
    "smull r1, r2, r3, r2\n"                                                                                           \
    "adds r1, r1, r1\n"                                                                                                \
    "ldr r1, [sp, #8]\n"                                                                                               \
    "adc r2, r2, r1\n"                                                                                                 \
    "ldr r1, [sp, #12]\n"                                                                                              \
    "add r2, r2, r3, asr #31\n"                                                                                        \
    "asr r2, r2, r1\n"                                                                                                 \
    "ssat r2, #8, r2, asr #1\n"                                                                                        \
    "strb r2, [lr]\n"                                                                                                  \
    "ldrd r1, r2, [sp, #16]\n"                                                                                         \
    "ldr r3, [sp, #24]\n"                                                                                              \
    "add lr, lr, r1\n"                                                                                                 \
    "add r0, r0, r2\n"                                                                                                 \
    "cmp r0, r3\n"                                                                                                     \
    "blo 1b\n"

#define EA_STRIP_NEXT                                                                                                  \
    "ldr r1, [sp, #52]\n"                                                                                              \
    "subs r1, r1, #1\n"                                                                                                \
    "str r1, [sp, #52]\n"                                                                                              \
    "bne 0b\n"                                                                                                         \
    "add sp, sp, #56\n"                                                                                                \
    "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n"

EA_ASSEMBLY void ea_depthwise_strip_run(const struct ea_depthwise_strip *strip __attribute__((unused)))
{
    __asm__ volatile(EA_STRIP_BEGIN "0:\n" EA_STRIP_CHANNEL EA_STRIP_WINDOW EA_STRIP_OUTPUT EA_STRIP_NEXT);
}

#else

/* The sum under a window of one channel. */
EA_INLINE int32_t ea_depthwise_strip_sum(const int8_t *x, const int8_t *w)
{
    int32_t sum = 0;
    for (int32_t row = 0; row < 3; row++, x += EA_STRIP_ROW_BYTES, w += 3)
        sum += x[0] * w[0] + x[EA_STRIP_COLUMN_BYTES] * w[1] + x[2 * EA_STRIP_COLUMN_BYTES] * w[2];
    return sum;
}

/* One channel of the strip. right: its shift less one. */
EA_INLINE void ea_depthwise_strip_channel(
    const struct ea_depthwise_strip *strip, int32_t channel, const int8_t *weights, uint32_t right)
{
    const uint32_t *const numbers = strip->weights + 10 + 2 * channel; /* twice the bias, multiplier */
    const int32_t addend = ea_shift_left(strip->addend, (int32_t)right);
    int8_t *y = strip->y + channel;
    for (const int8_t *x = strip->x + channel; x < strip->end; x += strip->step, y += strip->channels) {
        const int32_t doubled = ea_wrap(numbers[0]) + 2 * ea_depthwise_strip_sum(x, weights);
        const int32_t upper = (int32_t)(((int64_t)doubled * (int32_t)numbers[1] + ((int64_t)1 << 31)) >> 32);
        *y = (int8_t)ea_clamp((upper + addend + (doubled < 0 ? -1 : 0)) >> right >> 1, -128, 127);
    }
}

EA_INLINE void ea_depthwise_strip_run(const struct ea_depthwise_strip *strip)
{
    for (int32_t channel = 0; channel < EA_STRIP_CHANNELS; channel++) {
        int8_t weights[EA_STRIP_WEIGHTS];
        for (int32_t i = 0, at = channel * EA_STRIP_WEIGHTS; i < EA_STRIP_WEIGHTS; i++, at++) {
            const int32_t weight = (int32_t)(strip->weights[at >> 2] >> (8 * (at & 3)) & 255u);
            weights[i] = (int8_t)(weight < 128 ? weight : weight - 256);
        }
        ea_depthwise_strip_channel(strip, channel, weights, strip->weights[9] >> (8 * channel) & 255u);
    }
}

#endif

#endif
