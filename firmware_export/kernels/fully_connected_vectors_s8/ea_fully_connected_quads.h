#ifndef EA_FULLY_CONNECTED_QUADS_H
#define EA_FULLY_CONNECTED_QUADS_H

#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_vectors.h"

#include <stdint.h>

/* One row and some quads of units. The assembly knows the order of the fields. */
struct ea_fully_connected_quads {
    const int8_t *x;
    int32_t first;
    int32_t low;
    int32_t high;
    int32_t blocks;
    const int8_t *weights;
    int8_t *y;
    int32_t output_offset;
    const int32_t *channels;
    const int32_t *end; /* of the channels */
};

#if EA_HAS_VECTORS

/* r1: x. r3: blocks. r5: weights. r7: y. r8: output offset. r9: channels. r10: their end. r11: quads. r12: x after its
 * first part. q4: the first part. q6: low. q7: high. Sums: r0, r2, r4, r6, then q0. Magnitudes are scaled. */
EA_VECTOR_ASSEMBLY void ea_fully_connected_quads_run(struct ea_fully_connected_quads *quads __attribute__((unused)))
{
    __asm__ volatile("push {r4, r5, r6, r7, r8, r9, r10, r11, r12, lr}\n"
                     "vpush {d8, d9, d10, d11, d12, d13, d14, d15}\n"
                     "mov r11, r0\n"
                     "ldm r0, {r1, r2, r4, r6}\n"
                     "add r12, r11, #16\n"
                     "ldm r12, {r3, r5, r7, r8, r9, r10}\n"
                     "vctp.8 r2\n"
                     "vpst\n"
                     "vldrbt.u8 q4, [r1]\n"
                     "add r12, r1, r2\n"
                     "vdup.32 q6, r4\n"
                     "vdup.32 q7, r6\n"
                     "1:\n" /* a quad */
                     "mov r1, r12\n"
                     "vldrb.u8 q0, [r5], #64\n"
                     "vmladav.s8 r0, q4, q0\n"
                     "vldrb.u8 q1, [r5, #-48]\n"
                     "vmladav.s8 r2, q4, q1\n"
                     "vldrb.u8 q0, [r5, #-32]\n"
                     "vmladav.s8 r4, q4, q0\n"
                     "vldrb.u8 q1, [r5, #-16]\n"
                     "vmladav.s8 r6, q4, q1\n"
                     "wls lr, r3, 3f\n"
                     "2:\n"
                     "vldrb.u8 q2, [r1], #16\n"
                     "vldrb.u8 q0, [r5], #64\n"
                     "vmladava.s8 r0, q2, q0\n"
                     "vldrb.u8 q1, [r5, #-48]\n"
                     "vmladava.s8 r2, q2, q1\n"
                     "vldrb.u8 q0, [r5, #-32]\n"
                     "vmladava.s8 r4, q2, q0\n"
                     "vldrb.u8 q1, [r5, #-16]\n"
                     "vmladava.s8 r6, q2, q1\n"
                     "le lr, 2b\n"
                     "3:\n"
                     "vldrw.u32 q1, [r9], #48\n"
                     "vmov q0[2], q0[0], r0, r4\n"
                     "vmov q0[3], q0[1], r2, r6\n"
                     "vadd.i32 q0, q0, q1\n"
                     "vldrw.u32 q1, [r9, #-32]\n"
                     "vabs.s32 q2, q0\n"
                     "vmulh.s32 q2, q2, q1\n"
                     "vldrw.u32 q1, [r9, #-16]\n"
                     "vrshl.s32 q2, q2, q1\n"
                     "vpt.s32 lt, q0, zr\n"
                     "vnegt.s32 q2, q2\n"
                     "vadd.i32 q2, q2, r8\n"
                     "vmax.s32 q2, q2, q6\n"
                     "vmin.s32 q2, q2, q7\n"
                     "vstrb.32 q2, [r7], #4\n"
                     "cmp r9, r10\n"
                     "bne 1b\n"
                     "strd r5, r7, [r11, #20]\n"
                     "str r9, [r11, #32]\n"
                     "vpop {d8, d9, d10, d11, d12, d13, d14, d15}\n"
                     "pop {r4, r5, r6, r7, r8, r9, r10, r11, r12, pc}\n");
}

#else

EA_INLINE int8_t ea_fully_connected_quads_unit(const struct ea_fully_connected_quads *quads, int32_t unit)
{
    const int8_t *x = quads->x;
    const int8_t *w = quads->weights + 16 * unit;
    int32_t sum = quads->channels[unit];
    for (int32_t i = 0; i < quads->first; i++)
        sum += *x++ * w[i];
    for (int32_t block = 0; block < quads->blocks; block++) {
        w += 64;
        for (int32_t i = 0; i < 16; i++)
            sum += *x++ * w[i];
    }
    const int32_t scaled = ea_requantise_once(sum, quads->channels[4 + unit], 32 - quads->channels[8 + unit]);
    return (int8_t)ea_clamp(scaled + quads->output_offset, quads->low, quads->high);
}

EA_INLINE void ea_fully_connected_quads_run(struct ea_fully_connected_quads *quads)
{
    for (; quads->channels != quads->end; quads->channels += 12) {
        for (int32_t unit = 0; unit < 4; unit++)
            *quads->y++ = ea_fully_connected_quads_unit(quads, unit);
        quads->weights += (quads->blocks + 1) * 64;
    }
}

#endif

#endif
