#ifndef EA_CONV2D_PAIR_H
#define EA_CONV2D_PAIR_H

#include "ea_conv2d_quad.h"
#include "ea_conv2d_vectors_s8.h"
#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_vectors.h"

#include <stdint.h>
#include <string.h>

#define EA_QUAD 4          /* channels */
#define EA_QUAD_NUMBERS 12 /* of `channels`, in a quad */
#define EA_QUAD_BLOCK 64   /* bytes: 16 weights of each channel */

/* Two pixels under all filters of some quads; they may be one and the same. The assembly knows the order of the fields. */
struct ea_conv2d_pair {
    const int8_t *x[2];
    int32_t blocks;
    int8_t *y[2];
    int32_t output_offset;
    const int32_t *end; /* of the channels */
    const int32_t *channels;
    const int8_t *weights;
    int32_t first;
    int32_t low;
    int32_t high;
};

#if EA_HAS_VECTORS

/* 16 values of two pixels and of four channels. Loads and products take turns: they overlap. */
#define EA_PAIR_BLOCK                                                                                                  \
    "vldrb.u8 q0, [r1], #16\n"                                                                                         \
    "vldrb.u8 q2, [r5], #64\n"                                                                                         \
    "vldrb.u8 q1, [r3], #16\n"                                                                                         \
    "vmladava.s8 r0, q0, q2\n"                                                                                         \
    "vldrb.u8 q3, [r5, #-48]\n"                                                                                        \
    "vmladava.s8 r2, q1, q2\n"                                                                                         \
    "vmladava.s8 r4, q0, q3\n"                                                                                         \
    "vldrb.u8 q2, [r5, #-32]\n"                                                                                        \
    "vmladava.s8 r6, q1, q3\n"                                                                                         \
    "vmladava.s8 r8, q0, q2\n"                                                                                         \
    "vldrb.u8 q3, [r5, #-16]\n"                                                                                        \
    "vmladava.s8 r10, q1, q2\n"                                                                                        \
    "vmladava.s8 r12, q0, q3\n"                                                                                        \
    "vmladava.s8 lr, q1, q3\n"

/* r11: pair. r1, r3: x. r5: weights. r7: pairs of blocks left. r9: channels. q4, q5: the first part of each pixel.
 * q6: low. q7: high. */
EA_VECTOR_ASSEMBLY void ea_conv2d_pair_run(struct ea_conv2d_pair *pair __attribute__((unused)))
{
    __asm__ volatile("push {r4, r5, r6, r7, r8, r9, r10, r11, r12, lr}\n"
                     "vpush {d8, d9, d10, d11, d12, d13, d14, d15}\n"
                     "mov r11, r0\n"
                     "ldrd r9, r5, [r11, #28]\n"
                     "ldrd r0, r2, [r11, #36]\n"
                     "ldr r4, [r11, #44]\n"
                     "ldrd r1, r3, [r11]\n"
                     "vctp.8 r0\n"
                     "vpstt\n"
                     "vldrbt.u8 q4, [r1]\n"
                     "vldrbt.u8 q5, [r3]\n"
                     "vdup.32 q6, r2\n"
                     "vdup.32 q7, r4\n"
                     "add r1, r1, r0\n"
                     "add r3, r3, r0\n"
                     "strd r1, r3, [r11]\n"
                     "1:\n" /* a quad */
                     "ldm r11, {r1, r3, r7}\n" EA_QUAD_PRODUCTS "lsrs r7, r7, #1\n"
                     "bcc 2f\n" EA_PAIR_BLOCK "2:\n"
                     "beq 4f\n"
                     "3:\n" EA_PAIR_BLOCK EA_PAIR_BLOCK "subs r7, r7, #1\n"
                     "bne 3b\n"
                     "4:\n" EA_QUAD_OUTPUTS(
                         "ldrd r4, r6, [r11, #20]\n"
                         "ldrd r0, r2, [r11, #12]\n",
                         "r0", "r2") "strd r0, r2, [r11, #12]\n"
                                     "cmp r9, r6\n"
                                     "bne 1b\n"
                                     "strd r9, r5, [r11, #28]\n"
                                     "vpop {d8, d9, d10, d11, d12, d13, d14, d15}\n"
                                     "pop {r4, r5, r6, r7, r8, r9, r10, r11, r12, pc}\n");
}

#else

/* The sum of channel c of a quad, for the pixel at x. */
EA_INLINE int32_t ea_conv2d_pair_sum(const struct ea_conv2d_pair *pair, const int8_t *x, int32_t c)
{
    const int8_t *w = pair->weights + 16 * c;
    int32_t sum = pair->channels[c];
    for (int32_t i = 0; i < pair->first; i++)
        sum += *x++ * w[i];
    for (int32_t block = 0; block < pair->blocks; block++) {
        w += EA_QUAD_BLOCK;
        for (int32_t i = 0; i < 16; i++)
            sum += *x++ * w[i];
    }
    return sum;
}

EA_INLINE void ea_conv2d_pair_run(struct ea_conv2d_pair *pair)
{
    for (; pair->channels != pair->end; pair->channels += EA_QUAD_NUMBERS) {
        for (int32_t i = 0; i < 2 * EA_QUAD; i++) {
            const int32_t c = i / 2, multiplier = pair->channels[EA_QUAD + c], shift = pair->channels[2 * EA_QUAD + c];
            const int32_t sum = ea_conv2d_pair_sum(pair, pair->x[i % 2], c);
            const int32_t scaled = ea_requantise_twice(sum, multiplier, shift) + pair->output_offset;
            pair->y[i % 2][c] = (int8_t)ea_clamp(scaled, pair->low, pair->high);
        }
        pair->y[0] += EA_QUAD;
        pair->y[1] += EA_QUAD;
        pair->weights += (pair->blocks + 1) * EA_QUAD_BLOCK;
    }
}

#endif

/* All filters of two pixels, at x; y: those of the first pixel. Of channels beyond the last whole quad few are kept. */
EA_INLINE void ea_conv2d_pair_all(
    const struct ea_conv2d_vectors_s8 *p, const int8_t *x0, const int8_t *x1, int8_t *y0, int8_t *y1)
{
    const int32_t rest = p->output_channels & (EA_QUAD - 1);
    const int32_t quads = p->output_channels / EA_QUAD;
    const int32_t *const end = p->channels + quads * EA_QUAD_NUMBERS;
    struct ea_conv2d_pair pair = {{x0, x1},    p->blocks,  {y0, y1}, p->output_offset, end,
                                  p->channels, p->weights, p->first, p->low,           p->high};
    if (quads > 0)
        ea_conv2d_pair_run(&pair);
    if (rest == 0)
        return;
    int8_t last[2][EA_QUAD];
    const int32_t done = quads * EA_QUAD;
    pair.x[0] = x0;
    pair.x[1] = x1;
    pair.y[0] = last[0];
    pair.y[1] = last[1];
    pair.end = end + EA_QUAD_NUMBERS;
    ea_conv2d_pair_run(&pair);
    for (int32_t c = 0; c < rest; c++) {
        y0[done + c] = last[0][c];
        y1[done + c] = last[1][c];
    }
}

#endif
