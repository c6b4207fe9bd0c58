#ifndef EA_BLOCKS_H
#define EA_BLOCKS_H

#include "ea_dsp.h"
#include "ea_language.h"
#include "ea_requantise.h"

#include <stdint.h>
#include <string.h>

/* Which instructions blocks may hold; each way has a twin in plain C. */
#if defined(__GNUC__) && defined(__thumb2__) && !defined(__ARM_BIG_ENDIAN)
#define EA_BLOCKS_THUMB2 1
#else
#define EA_BLOCKS_THUMB2 0
#endif
#if defined(__GNUC__) && defined(__thumb__) && !defined(__thumb2__) && !defined(__ARM_BIG_ENDIAN)
#define EA_BLOCKS_THUMB 1
#else
#define EA_BLOCKS_THUMB 0
#endif

#define EA_BLOCK_CHANNELS 4
#define EA_BLOCK_NUMBERS 9  /* words of a quad behind its weights */
#define EA_BLOCK_SUMMED 128 /* words whose bytes add up in pairs of 16 bits */
#define EA_BLOCK_ALL 0x80808080u

/* One or two pixels, or a row, under the filters of some quads, at least one. x: without a sign, 128 larger. A quad's
 * weights are [count] words, of channels 2, 3, 1, 0 from the lowest byte on, 128 larger too. Behind them stand,
 * of a convolution: one byte of each channel, its shift to the right less one, and [4]{bias, multiplier};
 * of a fully connected layer: [4] biases, and its scales are a word of shifts and [4] multipliers.
 * The assembly knows the order of the fields. */
struct ea_block {
    const uint8_t *x[2];
    int32_t count;    /* of x under a filter */
    int32_t start[2]; /* -128 * the sum of x */
    const uint32_t *weights;
    int8_t *y[2];
    int32_t quads;
    int32_t addend;         /* twice the output's zero point, and 1 */
    const uint32_t *scales; /* of the first quad */
    int32_t scale_bytes;    /* from one quad's to the next one's */
};

/* What lies under a filter, as far as it has been gathered. */
struct ea_gathered {
    uint8_t *to;
    uint32_t sum;
};

/* `count` bytes without a sign. */
EA_INLINE struct ea_gathered ea_gather_bytes(struct ea_gathered got, const int8_t *x, int32_t count)
{
    for (; count > 0; count--) {
        const uint8_t value = (uint8_t)((uint8_t)*x++ ^ 128u);
        got.sum += value;
        *got.to++ = value;
    }
    return got;
}

/* Words without a sign, EA_BLOCK_SUMMED of them at most, where both sides are words, or need not be. */
EA_INLINE struct ea_gathered ea_gather_words(struct ea_gathered got, const int8_t *x, int32_t words)
{
    uint32_t pairs = 0;
    for (; words > 0; words--, x += 4, got.to += 4) {
        uint32_t four;
#if EA_BLOCKS_THUMB
        memcpy(&four, __builtin_assume_aligned(x, 4), 4);
        four ^= EA_BLOCK_ALL;
        memcpy(__builtin_assume_aligned(got.to, 4), &four, 4);
#else
        memcpy(&four, x, 4);
        four ^= EA_BLOCK_ALL;
        memcpy(got.to, &four, 4);
#endif
        pairs += (four & 0x00ff00ffu) + ((four >> 8) & 0x00ff00ffu);
    }
    got.sum += (pairs & 0xffffu) + (pairs >> 16);
    return got;
}

/* `count` values without a sign, and their sum. */
EA_INLINE struct ea_gathered ea_gather(struct ea_gathered got, const int8_t *x, int32_t count)
{
#if EA_BLOCKS_THUMB
    if ((((uintptr_t)x | (uintptr_t)got.to) & 3u) != 0)
        return ea_gather_bytes(got, x, count);
#endif
    while (count >= 4) {
        const int32_t words = count >> 2 < EA_BLOCK_SUMMED ? count >> 2 : EA_BLOCK_SUMMED;
        got = ea_gather_words(got, x, words);
        x += words * 4;
        count -= words * 4;
    }
    return ea_gather_bytes(got, x, count);
}

/* `count` times one value without a sign. */
EA_INLINE struct ea_gathered ea_gather_same(struct ea_gathered got, uint32_t value, int32_t count)
{
    got.sum += value * (uint32_t)count;
    for (; count > 0; count--)
        *got.to++ = (uint8_t)value;
    return got;
}

/* Where a sum starts, for what was gathered. */
EA_INLINE int32_t ea_block_start(uint32_t sum)
{
    return ea_wrap(0u - sum * 128u);
}

#if EA_BLOCKS_THUMB

/* r0: x. r1: weights. r4 to r7: sums of channels 0 to 3. */
#define EA_BLOCK_VALUE(at)                                                                                             \
    "ldrb r2, [r0, #" at "]\n"                                                                                         \
    "ldrb r3, [r1, #4 * " at " + 3]\n"                                                                                 \
    "muls r3, r2, r3\n"                                                                                                \
    "adds r4, r4, r3\n"                                                                                                \
    "ldrb r3, [r1, #4 * " at " + 2]\n"                                                                                 \
    "muls r3, r2, r3\n"                                                                                                \
    "adds r5, r5, r3\n"                                                                                                \
    "ldrb r3, [r1, #4 * " at " + 0]\n"                                                                                 \
    "muls r3, r2, r3\n"                                                                                                \
    "adds r6, r6, r3\n"                                                                                                \
    "ldrb r3, [r1, #4 * " at " + 1]\n"                                                                                 \
    "muls r3, r2, r3\n"                                                                                                \
    "adds r7, r7, r3\n"

/* r8: start. r9: end of x. r10: x. r11: addend. r12: y. lr: where eights of x begin. On the stack: quads left, and
 * room for four words. */
#define EA_BLOCK_BEGIN                                                                                                 \
    ".syntax unified\n"                                                                                                \
    "push {r4, r5, r6, r7, lr}\n"                                                                                      \
    "mov r4, r8\n"                                                                                                     \
    "mov r5, r9\n"                                                                                                     \
    "mov r6, r10\n"                                                                                                    \
    "mov r7, r11\n"                                                                                                    \
    "push {r4, r5, r6, r7}\n"                                                                                          \
    "sub sp, #20\n"                                                                                                    \
    "ldr r1, [r0, #0]\n"                                                                                               \
    "ldr r2, [r0, #8]\n"                                                                                               \
    "mov r10, r1\n"                                                                                                    \
    "adds r3, r1, r2\n"                                                                                                \
    "mov r9, r3\n"                                                                                                     \
    "movs r3, #7\n"                                                                                                    \
    "ands r2, r3\n"                                                                                                    \
    "adds r2, r2, r1\n"                                                                                                \
    "mov lr, r2\n"                                                                                                     \
    "ldr r1, [r0, #12]\n"                                                                                              \
    "mov r8, r1\n"                                                                                                     \
    "ldr r1, [r0, #24]\n"                                                                                              \
    "mov r12, r1\n"                                                                                                    \
    "ldr r1, [r0, #36]\n"                                                                                              \
    "mov r11, r1\n"                                                                                                    \
    "ldr r1, [r0, #32]\n"                                                                                              \
    "str r1, [sp, #0]\n"                                                                                               \
    "ldr r1, [r0, #20]\n"

/* A quad's sums. */
#define EA_BLOCK_SUMS                                                                                                  \
    "mov r0, r10\n"                                                                                                    \
    "mov r4, r8\n"                                                                                                     \
    "mov r5, r8\n"                                                                                                     \
    "mov r6, r8\n"                                                                                                     \
    "mov r7, r8\n"                                                                                                     \
    "b 2f\n"                                                                                                           \
    "1:\n" EA_BLOCK_VALUE("0") "adds r0, r0, #1\n"                                                                     \
                               "adds r1, r1, #4\n"                                                                     \
                               "2:\n"                                                                                  \
                               "cmp r0, lr\n"                                                                          \
                               "bne 1b\n"                                                                              \
                               "b 4f\n"                                                                                \
                               "3:\n"                                                                                  \
                               ".irp at, 0, 1, 2, 3, 4, 5, 6, 7\n" EA_BLOCK_VALUE("\\at") ".endr\n"                    \
                                                                                          "adds r0, r0, #8\n"          \
                                                                                          "adds r1, r1, #32\n"         \
                                                                                          "4:\n"                       \
                                                                                          "cmp r0, r9\n"               \
                                                                                          "bne 3b\n"

/* The bits of sum * multiplier from 32 on, in two parts: the sum's register, and r3 / 2^16. The products of halves with
 * a sign for the sum's lower one, which fit 32 bits. */
#define EA_BLOCK_PRODUCT(sum, multiplier)                                                                              \
    "sxth r0, " #sum "\n"                                                                                              \
    "subs " #sum ", " #sum ", r0\n"                                                                                    \
    "asrs " #sum ", " #sum ", #16\n"                                                                                   \
    "ldrh r2, [r1, #" multiplier "]\n"                                                                                 \
    "movs r3, r2\n"                                                                                                    \
    "muls r3, r0, r3\n"                                                                                                \
    "asrs r3, r3, #16\n"                                                                                               \
    "muls r2, " #sum ", r2\n"                                                                                          \
    "adds r3, r3, r2\n"                                                                                                \
    "ldrh r2, [r1, #" multiplier " + 2]\n"                                                                             \
    "muls r0, r2, r0\n"                                                                                                \
    "adds r3, r3, r0\n"                                                                                                \
    "muls " #sum ", r2, " #sum "\n"                                                                                    \
    "asrs r3, r3, #16\n"

/* Rounded by the channel's shift, with the output's zero point, as an int8 to y. */
#define EA_BLOCK_OUTPUT(sum, channel)                                                                                  \
    "ldrb r2, [r1, #" #channel "]\n"                                                                                   \
    "mov r0, r11\n"                                                                                                    \
    "lsls r0, r2\n"                                                                                                    \
    "adds " #sum ", " #sum ", r0\n"                                                                                    \
    "asrs " #sum ", r2\n"                                                                                              \
    "asrs " #sum ", " #sum ", #1\n"                                                                                    \
    "sxtb r0, " #sum "\n"                                                                                              \
    "cmp r0, " #sum "\n"                                                                                               \
    "beq 5f\n"                                                                                                         \
    "asrs " #sum ", " #sum ", #31\n"                                                                                   \
    "movs r0, #127\n"                                                                                                  \
    "eors r0, " #sum "\n"                                                                                              \
    "5:\n"                                                                                                             \
    "mov r2, r12\n"                                                                                                    \
    "strb r0, [r2, #" #channel "]\n"

#define EA_BLOCK_NEXT                                                                                                  \
    "adds r2, r2, #4\n"                                                                                                \
    "mov r12, r2\n"                                                                                                    \
    "ldr r0, [sp, #0]\n"                                                                                               \
    "subs r0, r0, #1\n"                                                                                                \
    "str r0, [sp, #0]\n"                                                                                               \
    "beq 6f\n"                                                                                                         \
    "b 0b\n"                                                                                                           \
    "6:\n"

#define EA_BLOCK_END                                                                                                   \
    "add sp, #20\n"                                                                                                    \
    "pop {r4, r5, r6, r7}\n"                                                                                           \
    "mov r8, r4\n"                                                                                                     \
    "mov r9, r5\n"                                                                                                     \
    "mov r10, r6\n"                                                                                                    \
    "mov r11, r7\n"                                                                                                    \
    "pop {r4, r5, r6, r7, pc}\n"

#elif EA_BLOCKS_THUMB2

/* Three registers hold the four sums of a quad: of channel 1 + channel 0 * 2^8, 2 + 1 * 2^16, and 3 + 1 * 2^8. */
#define EA_BLOCK_MIDDLE(weights) "and r7, " #weights ", #0x00ff00ff\n"
#define EA_BLOCK_TOP(weights) "uxth r7, " #weights ", ror #8\n"
#define EA_BLOCK_LOW(weights) "lsrs " #weights ", " #weights ", #16\n"

/* Sums in `low`, `middle` and `top` become those of channels 0, times 2^8, 1 and 3; that of 2 goes to `third`. r3 is
 * lost. */
#define EA_BLOCK_APART(low, middle, top, third)                                                                        \
    "uxtb r3, " #low "\n"                                                                                              \
    "sub " #middle ", " #middle ", r3, lsl #16\n"                                                                      \
    "sbfx " #third ", " #middle ", #0, #24\n"                                                                          \
    "sub " #middle ", " #middle ", " #third "\n"                                                                       \
    "add r3, r3, " #middle ", lsr #16\n"                                                                               \
    "sub " #top ", " #top ", r3, lsl #8\n"                                                                             \
    "sbfx " #middle ", " #top ", #0, #24\n"                                                                            \
    "sub " #top ", " #top ", " #middle "\n"                                                                            \
    "add " #top ", r3, " #top ", asr #8\n"                                                                             \
    "sub " #low ", " #low ", " #top "\n"

#endif

#if !EA_BLOCKS_THUMB && !EA_BLOCKS_THUMB2

/* The sum of one channel of a quad, before its bias. */
EA_INLINE uint32_t ea_block_sum(const struct ea_block *block, int32_t pixel, const uint32_t *weights, int32_t channel)
{
    static const uint8_t bits[EA_BLOCK_CHANNELS] = {24, 16, 0, 8};
    uint32_t sum = (uint32_t)block->start[pixel];
    for (int32_t i = 0; i < block->count; i++)
        sum += block->x[pixel][i] * (weights[i] >> bits[channel] & 255u);
    return sum;
}

/* The upper half of a product, rounded or not, as an output. rights: of a quad. */
EA_INLINE int8_t ea_block_output(const struct ea_block *block, uint32_t rights, int32_t channel, int64_t upper)
{
    const uint32_t right = rights >> (8 * channel) & 255u;
    const int32_t addend = ea_shift_left(block->addend, (int32_t)right);
    return (int8_t)ea_clamp(((int32_t)upper + addend) >> right >> 1, -128, 127);
}

#endif

#endif
