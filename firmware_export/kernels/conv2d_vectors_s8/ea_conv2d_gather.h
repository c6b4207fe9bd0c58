#ifndef EA_CONV2D_GATHER_H
#define EA_CONV2D_GATHER_H

#include "ea_language.h"
#include "ea_vectors.h"

#include <stdint.h>
#include <string.h>

/* `bytes` bytes of each of `count` rows, which begin `at` bytes behind rows[k], go to `to`, `pitch` bytes apart; the same for
 * further pixels, `step` bytes behind and to the next `size` bytes. The assembly knows the order of the fields. */
struct ea_conv2d_gather {
    const int8_t *const *rows;
    int32_t at;
    int32_t bytes;
    int8_t *to;
    int32_t pitch;
    int32_t count;
    int32_t step;
    int32_t size;
    int32_t pixels;
};

#if EA_HAS_VECTORS

/* r1: rows. r2: at. r3: bytes. r4: to. r5: pitch. r6: rows left. r7: to, of a row. r8: count. r9: step. r10: size.
 * r11: pixels left. */
EA_VECTOR_ASSEMBLY void ea_conv2d_gather_rows(const struct ea_conv2d_gather *p __attribute__((unused)))
{
    __asm__ volatile("push {r4, r5, r6, r7, r8, r9, r10, r11, r12, lr}\n"
                     "ldm r0, {r1, r2, r3, r4, r5, r8, r9, r10, r11}\n"
                     "1:\n" /* a pixel */
                     "mov r7, r4\n"
                     "mov r6, r8\n"
                     "2:\n" /* a row */
                     "ldr r12, [r1], #4\n"
                     "mov r0, r7\n"
                     "add r12, r12, r2\n"
                     "wlstp.8 lr, r3, 4f\n"
                     "3:\n"
                     "vldrb.u8 q0, [r12], #16\n"
                     "vstrb.8 q0, [r0], #16\n"
                     "letp lr, 3b\n"
                     "4:\n"
                     "add r7, r7, r5\n"
                     "subs r6, r6, #1\n"
                     "bne 2b\n"
                     "sub r1, r1, r8, lsl #2\n"
                     "add r2, r2, r9\n"
                     "add r4, r4, r10\n"
                     "subs r11, r11, #1\n"
                     "bne 1b\n"
                     "pop {r4, r5, r6, r7, r8, r9, r10, r11, r12, pc}\n");
}

/* memset. */
EA_VECTOR_ASSEMBLY void ea_conv2d_gather_fill(
    int8_t *to __attribute__((unused)), int32_t value __attribute__((unused)), int32_t count __attribute__((unused)))
{
    __asm__ volatile("push {r4, lr}\n"
                     "vdup.8 q0, r1\n"
                     "wlstp.8 lr, r2, 2f\n"
                     "1:\n"
                     "vstrb.8 q0, [r0], #16\n"
                     "letp lr, 1b\n"
                     "2:\n"
                     "pop {r4, pc}\n");
}

#else

EA_INLINE void ea_conv2d_gather_rows(const struct ea_conv2d_gather *p)
{
    for (int32_t i = 0; i < p->pixels; i++)
        for (int32_t k = 0; k < p->count; k++)
            memcpy(p->to + i * p->size + k * p->pitch, p->rows[k] + p->at + i * p->step, (uint32_t)p->bytes);
}

EA_INLINE void ea_conv2d_gather_fill(int8_t *to, int32_t value, int32_t count)
{
    memset(to, value, (uint32_t)count);
}

#endif

#endif
