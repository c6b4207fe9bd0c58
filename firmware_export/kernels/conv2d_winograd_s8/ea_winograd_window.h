#ifndef EA_WINOGRAD_WINDOW_H
#define EA_WINOGRAD_WINDOW_H

#include "ea_dsp.h"
#include "ea_language.h"

#include <stdint.h>

#define EA_WINOGRAD_COLUMNS 6 /* of a window */
#define EA_WINOGRAD_STEP 12   /* words that two windows make of a pair of channels */

/* Six columns side by side in each row. The assembly knows the order of the fields. */
struct ea_winograd_window {
    const void *rows;  /* addresses of rows, or the first of some that lie row_bytes apart */
    int32_t row_bytes; /* 0 where `rows` are addresses */
    int32_t first;     /* bytes from a row's beginning */
    int32_t channels;
    uint32_t *x; /* [row][block][pair][position][window]: two int16; of this window */
    int32_t height;
    int32_t block_bytes; /* 4 * blocks */
};

#if EA_HAS_DSP

/* Two channels. r4 to r9: d0 to d5, four channels each. r3: x. */
#define EA_WINOGRAD_PAIR(ror, at)                                                                                      \
    "sxtb16 r1, r7" ror "\n"                                                                                           \
    "sxtb16 r10, r5" ror "\n"                                                                                          \
    "ssub16 r11, r1, r10\n"                                                                                            \
    "sadd16 r12, r11, r11\n" /* 2 (d3 - d1) */                                                                         \
    "sxtb16 r11, r9" ror "\n"                                                                                          \
    "ssub16 r11, r11, r1\n"                                                                                            \
    "ssub16 r11, r11, r12\n"                                                                                           \
    "ssub16 r11, r11, r12\n"                                                                                           \
    "str r11, [r3, #" at " + 40]\n"                                                                                    \
    "sadd16 r10, r10, r10\n"                                                                                           \
    "sadd16 r10, r10, r10\n"                                                                                           \
    "ssub16 r1, r1, r10\n" /* d3 - 4 d1 */                                                                             \
    "sxtb16 r10, r6" ror "\n"                                                                                          \
    "sxtb16 r11, r8" ror "\n"                                                                                          \
    "ssub16 r11, r11, r10\n" /* d4 - d2 */                                                                             \
    "sadd16 lr, r11, r12\n"                                                                                            \
    "ssub16 r12, r11, r12\n"                                                                                           \
    "str lr, [r3, #" at " + 24]\n"                                                                                     \
    "str r12, [r3, #" at " + 32]\n"                                                                                    \
    "sxtb16 r12, r4" ror "\n"                                                                                          \
    "ssub16 r12, r12, r10\n"                                                                                           \
    "sadd16 r12, r12, r12\n"                                                                                           \
    "sadd16 r12, r12, r12\n"                                                                                           \
    "sadd16 r12, r12, r11\n"                                                                                           \
    "str r12, [r3, #" at " + 0]\n"                                                                                     \
    "ssub16 r11, r11, r10\n"                                                                                           \
    "sadd16 r10, r10, r10\n"                                                                                           \
    "ssub16 r11, r11, r10\n" /* d4 - 4 d2 */                                                                           \
    "sadd16 lr, r11, r1\n"                                                                                             \
    "ssub16 r12, r11, r1\n"                                                                                            \
    "str lr, [r3, #" at " + 8]\n"                                                                                      \
    "str r12, [r3, #" at " + 16]\n"

/* r0: a block of d0. r2: channels. On the stack: the struct; rows and height change, and block_bytes becomes the end. */
EA_ASSEMBLY void ea_winograd_transform(const struct ea_winograd_window *window __attribute__((unused)))
{
    __asm__ volatile("push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"
                     "sub sp, #28\n"
                     "ldm r0, {r4, r5, r6, r7, r8, r9, r10}\n"
                     "stm sp, {r4, r5, r6, r7, r8, r9, r10}\n"
                     "mov r2, r7\n"
                     "mov r3, r8\n"
                     "0:\n"
                     "ldrd r4, r5, [sp, #0]\n"
                     "cmp r5, #0\n"
                     "ite eq\n"
                     "ldreq r0, [r4], #4\n"
                     "movne r0, r4\n"
                     "add r4, r4, r5\n"
                     "ldr r6, [sp, #8]\n"
                     "ldr r7, [sp, #24]\n"
                     "str r4, [sp, #0]\n"
                     "add r0, r0, r6\n"
                     "add r7, r7, r0\n"
                     "str r7, [sp, #12]\n"
                     "1:\n"
                     "add r5, r0, r2\n"
                     "ldr r6, [r0, r2, lsl #1]\n"
                     "ldr r8, [r0, r2, lsl #2]\n"
                     "ldr r7, [r5, r2, lsl #1]\n"
                     "ldr r9, [r5, r2, lsl #2]\n"
                     "ldr r5, [r5]\n"
                     "ldr r4, [r0], #4\n" EA_WINOGRAD_PAIR("", "0")
                         EA_WINOGRAD_PAIR(", ror #8", "48") "ldr r1, [sp, #12]\n"
                                                            "add r3, r3, #96\n"
                                                            "cmp r0, r1\n"
                                                            "bne 1b\n"
                                                            "ldr r1, [sp, #20]\n"
                                                            "subs r1, r1, #1\n"
                                                            "str r1, [sp, #20]\n"
                                                            "bne 0b\n"
                                                            "add sp, #28\n"
                                                            "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n");
}

#else

/* d: six columns of one channel. */
EA_INLINE void ea_winograd_positions(const int32_t d[EA_WINOGRAD_COLUMNS], int32_t x[EA_WINOGRAD_COLUMNS])
{
    x[0] = 4 * d[0] - 5 * d[2] + d[4];
    x[1] = d[4] - 4 * d[2] + (d[3] - 4 * d[1]);
    x[2] = d[4] - 4 * d[2] - (d[3] - 4 * d[1]);
    x[3] = d[4] - d[2] + 2 * (d[3] - d[1]);
    x[4] = d[4] - d[2] - 2 * (d[3] - d[1]);
    x[5] = 4 * d[1] - 5 * d[3] + d[5];
}

/* x: of a pair of channels. from: the first of them in d0. */
EA_INLINE void ea_winograd_pair(const int8_t *from, int32_t channels, uint32_t *x)
{
    int32_t d[2][EA_WINOGRAD_COLUMNS], of[2][EA_WINOGRAD_COLUMNS];
    for (int32_t i = 0; i < 2; i++) {
        for (int32_t column = 0; column < EA_WINOGRAD_COLUMNS; column++)
            d[i][column] = from[column * channels + 2 * i];
        ea_winograd_positions(d[i], of[i]);
    }
    for (int32_t j = 0; j < EA_WINOGRAD_COLUMNS; j++)
        x[2 * j] = ((uint32_t)of[0][j] & 0xffffu) | (uint32_t)of[1][j] << 16;
}

EA_INLINE void ea_winograd_transform(const struct ea_winograd_window *window)
{
    uint32_t *x = window->x;
    for (int32_t k = 0; k < window->height; k++) {
        const int8_t *const row = window->row_bytes == 0 ? ((const int8_t *const *)window->rows)[k]
                                                         : (const int8_t *)window->rows + k * window->row_bytes;
        for (int32_t block = 0; block < window->block_bytes; block += 4)
            for (int32_t pair = 0; pair < 2; pair++, x += EA_WINOGRAD_STEP)
                ea_winograd_pair(row + window->first + block + pair, window->channels, x);
    }
}

#endif

#endif
