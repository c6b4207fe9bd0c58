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
#if defined(EA_SHORT_LOOPS)
#define EA_TILE_UNROLLED_BITS 2
#define EA_TILE_PASS_BYTES "64"
#define EA_TILE_PASS_PAIRS "0, 8, 16, 24, 32, 40, 48, 56"
#else
#define EA_TILE_UNROLLED_BITS 4
#define EA_TILE_PASS_BYTES "256"
#define EA_TILE_PASS_PAIRS                                                                                             \
    "0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120, 128, 136, 144, 152, 160, 168, 176, "             \
    "184, 192, 200, 208, 216, 224, 232, 240, 248"
#endif
#define EA_TILE_UNROLLED (1 << EA_TILE_UNROLLED_BITS) /* blocks */
#define EA_TILE_BLOCK_BYTES 16                        /* of x, and of weights */
#define EA_TILE_BLOCK_CODE_BYTES 112

/* Pairs of pixels side by side, at least one, under all filters. The assembly knows the order of the fields.
 * A pair's values are widened first: blocks of each row, from `first` and `second` on, which `step` brings to the next
 * pair. Values of a last block in part may be any: their weights are zeros. */
struct ea_conv2d_tile {
    uint32_t *x;          /* [block][pair][pixel]: two int16 */
    uint32_t *x_end;      /* one block is by itself, then come passes of unrolled ones; the first pass maybe in part */
    int32_t ahead;        /* bytes of x and weights from that one to where a whole first pass would begin */
    int32_t skipped_code; /* bytes of instructions that the first pass leaves out */
    int8_t *y[EA_TILE_PIXELS];
    int8_t *end;            /* of the first pixel's outputs */
    const int16_t *weights; /* of each quad, and its channels' numbers */
    int32_t channels;       /* of y */
    int32_t pairs;
    int32_t height;
    int32_t blocks;   /* of a row */
    const void *rows; /* addresses of rows, or the first of some that lie row_bytes apart */
    int32_t first;
    int32_t second;
    int32_t row_bytes; /* 0 where `rows` are addresses */
    int32_t step;
};

#if EA_HAS_DSP

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
    ".irp at, " EA_TILE_PASS_PAIRS "\n"                                                                                \
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

#define EA_TILE_X "0"
#define EA_TILE_X_END "4"
#define EA_TILE_ENTRY "12"
#define EA_TILE_Y "16"
#define EA_TILE_END_OF_Y "24"
#define EA_TILE_WEIGHTS "28"
#define EA_TILE_CHANNELS_OF_Y "32"
#define EA_TILE_PAIRS_LEFT "36"
#define EA_TILE_HEIGHT "40"
#define EA_TILE_BLOCKS "44"
#define EA_TILE_ROWS "48"
#define EA_TILE_COLUMNS "52"
#define EA_TILE_STEP "64"

/* On the stack: the struct, with the address where the first pass begins. */
#define EA_TILE_BEGIN                                                                                                  \
    "push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"                                                                    \
    "sub sp, #68\n"                                                                                                    \
    "mov r1, sp\n"                                                                                                     \
    "ldm r0!, {r2, r3, r4, r5, r6, r7, r8, r9}\n"                                                                      \
    "adr r10, 1f\n"                                                                                                    \
    "add r5, r5, r10\n"                                                                                                \
    "orr r5, r5, #1\n"                                                                                                 \
    "stm r1!, {r2, r3, r4, r5, r6, r7, r8, r9}\n"                                                                      \
    "ldm r0, {r2, r3, r4, r5, r6, r7, r8, r9, r10}\n"                                                                  \
    "stm r1, {r2, r3, r4, r5, r6, r7, r8, r9, r10}\n"

/* Four values of both pixels. r9, r10: where they are. r5: x. */
#define EA_TILE_WIDEN                                                                                                  \
    "ldr r0, [r9], #4\n"                                                                                               \
    "ldr r1, [r10], #4\n"                                                                                              \
    "sxtb16 r2, r0, ror #8\n"                                                                                          \
    "sxtb16 r0, r0\n"                                                                                                  \
    "sxtb16 r3, r1, ror #8\n"                                                                                          \
    "sxtb16 r1, r1\n"                                                                                                  \
    "stm r5!, {r0, r1, r2, r3}\n"

/* What lies under the filters, widened. r4: rows left. r6: rows, lr bytes apart or
 * their addresses. r7, r8: where the pixels are in them. r12: blocks left. */
#define EA_TILE_GATHER                                                                                                 \
    "ldrd r4, r11, [sp, #" EA_TILE_HEIGHT "]\n"                                                                        \
    "ldrd r6, r7, [sp, #" EA_TILE_ROWS "]\n"                                                                           \
    "ldrd r8, lr, [sp, #" EA_TILE_COLUMNS " + 4]\n"                                                                    \
    "ldr r5, [sp, #" EA_TILE_X "]\n"                                                                                   \
    "3:\n"                                                                                                             \
    "cmp lr, #0\n"                                                                                                     \
    "ite eq\n"                                                                                                         \
    "ldreq r10, [r6], #4\n"                                                                                            \
    "movne r10, r6\n"                                                                                                  \
    "add r6, r6, lr\n"                                                                                                 \
    "add r9, r10, r7\n"                                                                                                \
    "add r10, r10, r8\n"                                                                                               \
    "subs r12, r11, #4\n"                                                                                              \
    "blt 5f\n"                                                                                                         \
    "4:\n" EA_TILE_WIDEN EA_TILE_WIDEN EA_TILE_WIDEN EA_TILE_WIDEN "subs r12, r12, #4\n"                               \
    "bge 4b\n"                                                                                                         \
    "5:\n"                                                                                                             \
    "adds r12, r12, #4\n"                                                                                              \
    "beq 7f\n"                                                                                                         \
    "6:\n" EA_TILE_WIDEN "subs r12, r12, #1\n"                                                                         \
    "bne 6b\n"                                                                                                         \
    "7:\n"                                                                                                             \
    "subs r4, r4, #1\n"                                                                                                \
    "bne 3b\n"                                                                                                         \
    "ldr lr, [sp, #" EA_TILE_STEP "]\n"                                                                                \
    "add r7, r7, lr\n"                                                                                                 \
    "add r8, r8, lr\n"                                                                                                 \
    "strd r7, r8, [sp, #" EA_TILE_COLUMNS "]\n"                                                                        \
    "ldr lr, [sp, #" EA_TILE_WEIGHTS "]\n"

#define EA_TILE_QUAD "ldr r12, [sp, #" EA_TILE_X "]\n"

#define EA_TILE_ENTER                                                                                                  \
    "ldrd r0, r1, [sp, #" EA_TILE_ENTRY " - 4]\n"                                                                      \
    "add r12, r12, r0\n"                                                                                               \
    "add lr, lr, r0\n"                                                                                                 \
    "bx r1\n"

#define EA_TILE_AGAIN                                                                                                  \
    "ldr r0, [sp, #" EA_TILE_X_END "]\n"                                                                               \
    "add r12, r12, #" EA_TILE_PASS_BYTES "\n"                                                                          \
    "add lr, lr, #" EA_TILE_PASS_BYTES "\n"                                                                            \
    "cmp r12, r0\n"                                                                                                    \
    "bne 1b\n"

#define EA_TILE_APART                                                                                                  \
    "sub r4, r4, r6\n"                                                                                                 \
    "sub r5, r5, r7\n"                                                                                                 \
    "sub r8, r8, r10\n"                                                                                                \
    "sub r9, r9, r11\n"

/* Four outputs of each pixel, or the last few; then the next quad. */
#define EA_TILE_STORE                                                                                                  \
    "ldrd r0, r1, [sp, #" EA_TILE_Y "]\n"                                                                              \
    "ldr r2, [sp, #" EA_TILE_END_OF_Y "]\n"                                                                            \
    "bfi r6, r4, #8, #8\n"                                                                                             \
    "bfi r7, r5, #8, #8\n"                                                                                             \
    "bfi r6, r10, #16, #8\n"                                                                                           \
    "bfi r7, r11, #16, #8\n"                                                                                           \
    "bfi r6, r8, #24, #8\n"                                                                                            \
    "bfi r7, r9, #24, #8\n"                                                                                            \
    "subs r3, r2, r0\n"                                                                                                \
    "cmp r3, #4\n"                                                                                                     \
    "blt 8f\n"                                                                                                         \
    "str r6, [r0], #4\n"                                                                                               \
    "str r7, [r1], #4\n"                                                                                               \
    "strd r0, r1, [sp, #" EA_TILE_Y "]\n"                                                                              \
    "cmp r0, r2\n"                                                                                                     \
    "bne 2b\n"                                                                                                         \
    "b 9f\n"                                                                                                           \
    "8:\n"                                                                                                             \
    "strb r6, [r0], #1\n"                                                                                              \
    "strb r7, [r1], #1\n"                                                                                              \
    "lsr r6, r6, #8\n"                                                                                                 \
    "lsr r7, r7, #8\n"                                                                                                 \
    "subs r3, r3, #1\n"                                                                                                \
    "bne 8b\n"                                                                                                         \
    "9:\n"

/* The next two pixels begin where the second one's outputs end. */
#define EA_TILE_NEXT                                                                                                   \
    "ldrd r2, r3, [sp, #" EA_TILE_CHANNELS_OF_Y "]\n"                                                                  \
    "add r2, r2, r1\n"                                                                                                 \
    "mov r0, r1\n"                                                                                                     \
    "strd r0, r2, [sp, #" EA_TILE_Y "]\n"                                                                              \
    "str r2, [sp, #" EA_TILE_END_OF_Y "]\n"                                                                            \
    "subs r3, r3, #1\n"                                                                                                \
    "str r3, [sp, #" EA_TILE_PAIRS_LEFT "]\n"                                                                          \
    "bne 0b\n"                                                                                                         \
    "add sp, #68\n"                                                                                                    \
    "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n"

EA_ASSEMBLY void ea_conv2d_tile_run(const struct ea_conv2d_tile *tile __attribute__((unused)))
{
    __asm__ volatile(EA_TILE_BEGIN
                     "0:\n" EA_TILE_GATHER "2:\n" EA_TILE_QUAD EA_TILE_FIRST EA_TILE_ENTER
                     ".balign 4\n1:\n" EA_TILE_PAIRS EA_TILE_AGAIN EA_TILE_APART EA_TILE_CHANNEL(r6, r7, "lsl #1")
                         EA_TILE_CHANNEL(r4, r5, "asr #7") EA_TILE_CHANNEL(r10, r11, "lsl #1")
                             EA_TILE_CHANNEL(r8, r9, "asr #7") EA_TILE_STORE EA_TILE_NEXT);
}

#else

/* Two pixels' values, widened. */
EA_INLINE void ea_conv2d_tile_gather(const struct ea_conv2d_tile *tile, int32_t first, int32_t second)
{
    uint32_t *to = tile->x;
    for (int32_t k = 0; k < tile->height; k++) {
        const int8_t *const row = tile->row_bytes == 0 ? ((const int8_t *const *)tile->rows)[k]
                                                       : (const int8_t *)tile->rows + k * tile->row_bytes;
        for (int32_t block = 0; block < tile->blocks; block++, to += 4) {
            const uint32_t of_a = ea_word_at(row + first + 4 * block);
            const uint32_t of_b = ea_word_at(row + second + 4 * block);
            to[0] = ea_even_bytes(of_a);
            to[1] = ea_even_bytes(of_b);
            to[2] = ea_odd_bytes(of_a);
            to[3] = ea_odd_bytes(of_b);
        }
    }
}

/* The product of a value of x, the lower or the upper int16, and the weight of the first or second of two channels. */
EA_INLINE int32_t ea_conv2d_tile_product(uint32_t two, int32_t upper, int32_t both, int32_t second)
{
    const int32_t low = (int8_t)(both & 255), value = (int16_t)(uint16_t)(upper != 0 ? two >> 16 : two & 0xffffu);
    return value * (second != 0 ? (both - low) / 256 : low);
}

/* The sum of channel c of a quad for one pixel. */
EA_INLINE int32_t
ea_conv2d_tile_sum(const struct ea_conv2d_tile *tile, const int16_t *weights, int32_t pixel, int32_t c)
{
    int32_t sum = 0;
    for (int32_t pair = 0; pair < 2 * tile->height * tile->blocks; pair++)
        for (int32_t i = 0; i < 2; i++)
            sum += ea_conv2d_tile_product(tile->x[2 * pair + pixel], i, weights[4 * pair + c / 2 * 2 + i], c % 2);
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
    const int32_t halves = tile->height * tile->blocks * EA_TILE_BLOCK_HALVES;
    int8_t *y[] = {tile->y[0], tile->y[1]};
    for (int32_t pair = 0; pair < tile->pairs; pair++) {
        ea_conv2d_tile_gather(tile, tile->first + pair * tile->step, tile->second + pair * tile->step);
        const int16_t *weights = tile->weights;
        for (int32_t c = 0; c < tile->channels; c++) {
            int32_t own[4];
            memcpy(own, weights + halves + c % EA_TILE_CHANNELS * 8, sizeof own);
            for (int32_t pixel = 0; pixel < EA_TILE_PIXELS; pixel++) {
                const int32_t sum = ea_conv2d_tile_sum(tile, weights, pixel, c % EA_TILE_CHANNELS);
                y[pixel][c] = ea_conv2d_tile_output(own, sum);
            }
            if (c % EA_TILE_CHANNELS == EA_TILE_CHANNELS - 1)
                weights += halves + EA_TILE_CHANNELS * 8;
        }
        y[0] = y[1] + tile->channels;
        y[1] = y[0] + tile->channels;
    }
}

#endif

#endif
