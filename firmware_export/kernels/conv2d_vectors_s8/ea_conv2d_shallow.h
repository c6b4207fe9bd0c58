#ifndef EA_CONV2D_SHALLOW_H
#define EA_CONV2D_SHALLOW_H

#include "ea_conv2d_quad.h"
#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_vectors.h"

#include <stdint.h>

/* Pairs of pixels of at most sixteen channels, `x_step` and `y_step` bytes apart, under all filters: whole quads of them.
 * weights, numbers: as channels of ea_conv2d_vectors_s8. The assembly knows the order of the fields. */
struct ea_conv2d_shallow {
    const int8_t *x;
    int32_t x_step;
    int32_t depth;
    int8_t *y;
    int32_t y_step;
    int32_t pairs;
    const int8_t *weights;
    const int32_t *numbers;
    const int32_t *end; /* of the numbers */
    int32_t output_offset;
    int32_t low;
    int32_t high;
};

#if EA_HAS_VECTORS

/* r11: run. r1, r3: y. r5: weights. r7: end. r9: numbers. q4, q5: the pixels. q6: low. q7: high. */
EA_VECTOR_ASSEMBLY void ea_conv2d_shallow_run(struct ea_conv2d_shallow *run __attribute__((unused)))
{
    __asm__ volatile("push {r4, r5, r6, r7, r8, r9, r10, r11, r12, lr}\n"
                     "vpush {d8, d9, d10, d11, d12, d13, d14, d15}\n"
                     "mov r11, r0\n"
                     "ldrd r0, r2, [r11, #40]\n"
                     "ldr r7, [r11, #32]\n"
                     "vdup.32 q6, r0\n"
                     "vdup.32 q7, r2\n"
                     "1:\n" /* a pair */
                     "ldrd r0, r2, [r11]\n"
                     "ldrd r4, r1, [r11, #8]\n"
                     "ldr r6, [r11, #16]\n"
                     "add r8, r0, r2\n"
                     "vctp.8 r4\n"
                     "vpstt\n"
                     "vldrbt.u8 q4, [r0]\n"
                     "vldrbt.u8 q5, [r8]\n"
                     "add r8, r8, r2\n"
                     "str r8, [r11]\n"
                     "add r3, r1, r6\n"
                     "add r6, r6, r3\n"
                     "str r6, [r11, #12]\n"
                     "ldrd r5, r9, [r11, #24]\n"
                     "2:\n" /* a quad */
                     EA_QUAD_PRODUCTS EA_QUAD_OUTPUTS(
                         "ldr r4, [r11, #36]\n", "r1", "r3") "cmp r9, r7\n"
                                                             "bne 2b\n"
                                                             "ldr r0, [r11, #20]\n"
                                                             "subs r0, r0, #1\n"
                                                             "str r0, [r11, #20]\n"
                                                             "bne 1b\n"
                                                             "vpop {d8, d9, d10, d11, d12, d13, d14, d15}\n"
                                                             "pop {r4, r5, r6, r7, r8, r9, r10, r11, r12, pc}\n");
}

#else

/* Four channels of the pixel at x. */
EA_INLINE void ea_conv2d_shallow_quad(
    const struct ea_conv2d_shallow *run, const int8_t *x, const int8_t *w, const int32_t *numbers, int8_t *y)
{
    for (int32_t c = 0; c < 4; c++, w += 16) {
        int32_t sum = numbers[c];
        for (int32_t i = 0; i < run->depth; i++)
            sum += x[i] * w[i];
        const int32_t scaled = ea_requantise_twice(sum, numbers[4 + c], numbers[8 + c]);
        y[c] = (int8_t)ea_clamp(scaled + run->output_offset, run->low, run->high);
    }
}

EA_INLINE void ea_conv2d_shallow_run(struct ea_conv2d_shallow *run)
{
    for (int32_t i = 0; i < 2 * run->pairs; i++) {
        const int8_t *w = run->weights;
        int8_t *y = run->y + i * run->y_step;
        for (const int32_t *numbers = run->numbers; numbers != run->end; numbers += 12, w += 64, y += 4)
            ea_conv2d_shallow_quad(run, run->x + i * run->x_step, w, numbers, y);
    }
}

#endif

#endif
