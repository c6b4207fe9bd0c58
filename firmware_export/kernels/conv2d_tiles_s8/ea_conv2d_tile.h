#ifndef EA_CONV2D_TILE_H
#define EA_CONV2D_TILE_H

#include "ea_dsp.h"
#include "ea_language.h"
#include "ea_requantise.h"

#include <stdint.h>
#include <string.h>

#define EA_TILE_PIXELS 2
#define EA_TILE_CHANNELS 4
#define EA_TILE_BLOCK_HALVES 8 /* of two pixels */
#define EA_TILE_UNROLLED 16    /* blocks */
#define EA_TILE_UNROLLED_BITS 4
#define EA_TILE_BLOCK_BYTES 16 /* of x, and of weights */
#define EA_TILE_BLOCK_CODE_BYTES 112

/* Two pixels under the filters of some quads, at least one. The assembly knows the order of the fields. */
struct ea_conv2d_tile {
    const int16_t *x;       /* [block][pair][pixel][2] */
    const int16_t *weights; /* of each quad, and its channels' numbers */
    int8_t *y[EA_TILE_PIXELS];
    const int8_t *end;    /* of the first pixel's outputs */
    int32_t passes;       /* through the unrolled blocks, behind one by itself; the first pass maybe in part */
    int32_t ahead;        /* bytes of x and weights from that one to where a whole first pass would begin */
    int32_t skipped_code; /* bytes of instructions that the first pass leaves out */
};

#if EA_HAS_DSP

#define EA_TILE_WIDEN(at)                                                                                              \
    "ldr %[w], [%[a]], #4\n"                                                                                           \
    "ldr %[y], [%[b]], #4\n"                                                                                           \
    "sxtb16 %[x], %[w], ror #8\n"                                                                                      \
    "sxtb16 %[w], %[w]\n"                                                                                              \
    "sxtb16 %[z], %[y], ror #8\n"                                                                                      \
    "sxtb16 %[y], %[y]\n"                                                                                              \
    "str %[w], [%[to], #" #at "]\n"                                                                                    \
    "str %[y], [%[to], #" #at " + 4]\n"                                                                                \
    "str %[x], [%[to], #" #at " + 8]\n"                                                                                \
    "str %[z], [%[to], #" #at " + 12]\n"

/* Blocks of two pixels, widened. */
EA_INLINE void ea_conv2d_tile_widen(const int8_t *a, const int8_t *b, int32_t blocks, uint32_t *to)
{
    uint32_t w, x, y, z;
    __asm__ volatile("b 2f\n"
                     "1:\n" EA_TILE_WIDEN(0) EA_TILE_WIDEN(16) EA_TILE_WIDEN(32)
                         EA_TILE_WIDEN(48) "adds %[to], %[to], #64\n"
                                           "2:\n"
                                           "subs %[blocks], %[blocks], #4\n"
                                           "bpl 1b\n"
                                           "adds %[blocks], %[blocks], #4\n"
                                           "b 4f\n"
                                           "3:\n" EA_TILE_WIDEN(0) "adds %[to], %[to], #16\n"
                                                                   "4:\n"
                                                                   "subs %[blocks], %[blocks], #1\n"
                                                                   "bpl 3b\n"
                     : [a] "+r"(a), [b] "+r"(b), [to] "+r"(to), [blocks] "+r"(blocks), [w] "=&r"(w), [x] "=&r"(x),
                       [y] "=&r"(y), [z] "=&r"(z)
                     :
                     : "cc", "memory");
}

/* r12: x. lr: weights. r0, r1: a pair of each pixel. r2, r3: weights of channels 0 and 1, 2 and 3.
 * Sums: r4, r5 of 256 * channel 1 + channel 0; r6, r7 of channel 0; r8 to r11 the same of channels 3 and 2. */
#define EA_TILE_FIRST                                                                                                  \
    "ldr r0, [r12, #0]\n"                                                                                              \
    "ldr r1, [r12, #0 + 4]\n"                                                                                          \
    "ldr r2, [lr, #0]\n"                                                                                               \
    "ldr r3, [lr, #0 + 4]\n"                                                                                           \
    "smuad r4, r0, r2\n"                                                                                               \
    "smuad r5, r1, r2\n"                                                                                               \
    "sxtb16 r2, r2\n"                                                                                                  \
    "smuad r6, r0, r2\n"                                                                                               \
    "smuad r7, r1, r2\n"                                                                                               \
    "smuad r8, r0, r3\n"                                                                                               \
    "smuad r9, r1, r3\n"                                                                                               \
    "sxtb16 r3, r3\n"                                                                                                  \
    "smuad r10, r0, r3\n"                                                                                              \
    "smuad r11, r1, r3\n"                                                                                              \
    "ldr r0, [r12, #8]\n"                                                                                              \
    "ldr r1, [r12, #8 + 4]\n"                                                                                          \
    "ldr r2, [lr, #8]\n"                                                                                               \
    "ldr r3, [lr, #8 + 4]\n"                                                                                           \
    "smlad r4, r0, r2, r4\n"                                                                                           \
    "smlad r5, r1, r2, r5\n"                                                                                           \
    "sxtb16 r2, r2\n"                                                                                                  \
    "smlad r6, r0, r2, r6\n"                                                                                           \
    "smlad r7, r1, r2, r7\n"                                                                                           \
    "smlad r8, r0, r3, r8\n"                                                                                           \
    "smlad r9, r1, r3, r9\n"                                                                                           \
    "sxtb16 r3, r3\n"                                                                                                  \
    "smlad r10, r0, r3, r10\n"                                                                                         \
    "smlad r11, r1, r3, r11\n"

#define EA_TILE_PAIRS                                                                                                  \
    ".irp at, 0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120, 128, 136, 144, 152, 160, 168, 176, "    \
    "184, 192, 200, 208, 216, 224, 232, 240, 248\n"                                                                    \
    "ldr r0, [r12, #\\at]\n"                                                                                           \
    "ldr r1, [r12, #\\at + 4]\n"                                                                                       \
    "ldr r2, [lr, #\\at]\n"                                                                                            \
    "ldr r3, [lr, #\\at + 4]\n"                                                                                        \
    "smlad r4, r0, r2, r4\n"                                                                                           \
    "smlad r5, r1, r2, r5\n"                                                                                           \
    "sxtb16 r2, r2\n"                                                                                                  \
    "smlad r6, r0, r2, r6\n"                                                                                           \
    "smlad r7, r1, r2, r7\n"                                                                                           \
    "smlad r8, r0, r3, r8\n"                                                                                           \
    "smlad r9, r1, r3, r9\n"                                                                                           \
    "sxtb16 r3, r3\n"                                                                                                  \
    "smlad r10, r0, r3, r10\n"                                                                                         \
    "smlad r11, r1, r3, r11\n"                                                                                         \
    ".endr\n"

/* One channel's two sums become its outputs: doubled, with the bias, requantised. A negative tie rounds down: the sign goes
 * into the addend. */
#define EA_TILE_CHANNEL(first, second, shift)                                                                          \
    "ldm lr!, {r0, r1, r2, r3}\n"                                                                                      \
    "add " #first ", r0, " #first ", " shift "\n"                                                                      \
    "add " #second ", r0, " #second ", " shift "\n"                                                                    \
    "add r0, r2, " #first ", asr #31\n"                                                                                \
    "smmlar " #first ", " #first ", r1, r0\n"                                                                          \
    "add r0, r2, " #second ", asr #31\n"                                                                               \
    "smmlar " #second ", " #second ", r1, r0\n"                                                                        \
    "asr " #first ", " #first ", r3\n"                                                                                 \
    "asr " #second ", " #second ", r3\n"                                                                               \
    "ssat " #first ", #8, " #first "\n"                                                                                \
    "ssat " #second ", #8, " #second "\n"

/* On the stack: passes left, x, passes, ahead, where the first pass begins, y of both pixels, the first one's end. */
#define EA_TILE_BEGIN                                                                                                  \
    "push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"                                                                    \
    "sub sp, #32\n"                                                                                                    \
    "ldr lr, [r0, #4]\n"                                                                                               \
    "ldr r1, [r0, #0]\n"                                                                                               \
    "ldr r2, [r0, #20]\n"                                                                                              \
    "ldr r3, [r0, #24]\n"                                                                                              \
    "ldr r4, [r0, #28]\n"                                                                                              \
    "ldr r5, [r0, #8]\n"                                                                                               \
    "ldr r6, [r0, #12]\n"                                                                                              \
    "ldr r7, [r0, #16]\n"                                                                                              \
    "adr r0, 1f\n"                                                                                                     \
    "add r4, r4, r0\n"                                                                                                 \
    "orr r4, r4, #1\n"                                                                                                 \
    "add r0, sp, #4\n"                                                                                                 \
    "stm r0, {r1, r2, r3, r4, r5, r6, r7}\n"

#define EA_TILE_QUAD                                                                                                   \
    "ldr r12, [sp, #4]\n"                                                                                              \
    "ldr r0, [sp, #8]\n"                                                                                               \
    "str r0, [sp]\n"

#define EA_TILE_ENTER                                                                                                  \
    "ldr r0, [sp, #12]\n"                                                                                              \
    "ldr r1, [sp, #16]\n"                                                                                              \
    "add r12, r12, r0\n"                                                                                               \
    "add lr, lr, r0\n"                                                                                                 \
    "bx r1\n"

#define EA_TILE_AGAIN                                                                                                  \
    "ldr r0, [sp]\n"                                                                                                   \
    "add r12, r12, #256\n"                                                                                             \
    "add lr, lr, #256\n"                                                                                               \
    "subs r0, r0, #1\n"                                                                                                \
    "str r0, [sp]\n"                                                                                                   \
    "bne 1b\n"

#define EA_TILE_APART                                                                                                  \
    "sub r4, r4, r6\n"                                                                                                 \
    "sub r5, r5, r7\n"                                                                                                 \
    "sub r8, r8, r10\n"                                                                                                \
    "sub r9, r9, r11\n"

#define EA_TILE_STORE                                                                                                  \
    "ldr r0, [sp, #20]\n"                                                                                              \
    "ldr r1, [sp, #24]\n"                                                                                              \
    "ldr r2, [sp, #28]\n"                                                                                              \
    "bfi r6, r4, #8, #8\n"                                                                                             \
    "bfi r6, r10, #16, #8\n"                                                                                           \
    "bfi r6, r8, #24, #8\n"                                                                                            \
    "str r6, [r0], #4\n"                                                                                               \
    "bfi r7, r5, #8, #8\n"                                                                                             \
    "bfi r7, r11, #16, #8\n"                                                                                           \
    "bfi r7, r9, #24, #8\n"                                                                                            \
    "str r7, [r1], #4\n"                                                                                               \
    "str r0, [sp, #20]\n"                                                                                              \
    "str r1, [sp, #24]\n"                                                                                              \
    "cmp r0, r2\n"                                                                                                     \
    "bne 2b\n"

#define EA_TILE_END                                                                                                    \
    "add sp, #32\n"                                                                                                    \
    "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n"

EA_ASSEMBLY void ea_conv2d_tile_run(const struct ea_conv2d_tile *tile __attribute__((unused)))
{
    __asm__ volatile(EA_TILE_BEGIN
                     "2:\n" EA_TILE_QUAD EA_TILE_FIRST EA_TILE_ENTER
                     ".balign 4\n1:\n" EA_TILE_PAIRS EA_TILE_AGAIN EA_TILE_APART EA_TILE_CHANNEL(r6, r7, "lsl #1")
                         EA_TILE_CHANNEL(r4, r5, "asr #7") EA_TILE_CHANNEL(r10, r11, "lsl #1")
                             EA_TILE_CHANNEL(r8, r9, "asr #7") EA_TILE_STORE EA_TILE_END);
}

#else

/* Blocks of two pixels, widened. */
EA_INLINE void ea_conv2d_tile_widen(const int8_t *a, const int8_t *b, int32_t blocks, uint32_t *to)
{
    for (; blocks > 0; blocks--, a += 4, b += 4, to += 4) {
        const uint32_t of_a = ea_word_at(a), of_b = ea_word_at(b);
        to[0] = ea_even_bytes(of_a);
        to[1] = ea_even_bytes(of_b);
        to[2] = ea_odd_bytes(of_a);
        to[3] = ea_odd_bytes(of_b);
    }
}

/* The sum of channel c of a quad for one pixel. */
EA_INLINE int32_t ea_conv2d_tile_sum(const int16_t *x, const int16_t *weights, int32_t halves, int32_t c)
{
    int32_t sum = 0;
    for (int32_t i = 0; i < halves; i++) { /* of 8 of x, two pixels' pairs, and of 8 weights */
        const int32_t pair = i / 2 * 4;
        const int32_t both = weights[pair + c / 2 * 2 + i % 2];
        const int32_t first = (int8_t)(both & 255);
        sum += x[pair + i % 2] * (c % 2 == 0 ? first : (both - first) / 256);
    }
    return sum;
}

/* numbers: of this channel. */
EA_INLINE int8_t ea_conv2d_tile_output(const int32_t numbers[4], int32_t sum)
{
    const int32_t doubled = numbers[0] + sum * 2;
    const int32_t scaled = (int32_t)(((int64_t)doubled * numbers[1] + ((int64_t)1 << 31)) >> 32);
    return (int8_t)ea_clamp((scaled + numbers[2] + (doubled >> 31)) >> numbers[3], -128, 127);
}

EA_INLINE void ea_conv2d_tile_run(const struct ea_conv2d_tile *tile)
{
    const int32_t blocks = tile->passes * EA_TILE_UNROLLED + tile->ahead / EA_TILE_BLOCK_BYTES;
    const int16_t *weights = tile->weights;
    for (int32_t at = 0; tile->y[0] + at != tile->end; at += EA_TILE_CHANNELS) {
        const int16_t *const numbers = weights + blocks * EA_TILE_BLOCK_HALVES;
        for (int32_t c = 0; c < EA_TILE_CHANNELS; c++) {
            int32_t own[4];
            memcpy(own, numbers + c * 8, sizeof own);
            for (int32_t pixel = 0; pixel < EA_TILE_PIXELS; pixel++)
                tile->y[pixel][at + c] = ea_conv2d_tile_output(
                    own, ea_conv2d_tile_sum(tile->x + 2 * pixel, weights, blocks * EA_TILE_BLOCK_HALVES / 2, c));
        }
        weights = numbers + EA_TILE_CHANNELS * 8;
    }
}

#endif

#endif
