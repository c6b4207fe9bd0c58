#ifndef EA_DEPTHWISE_RUN_H
#define EA_DEPTHWISE_RUN_H

#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_vectors.h"

#include <stdint.h>

#define EA_BLOCK 16 /* channels */

/* Neighbouring output pixels, each of whose taps lie `step` bytes behind those of the one before it. taps: where the first
 * pixel's values lie, 2 * pairs + 1 of them. The assembly knows the order of the fields. */
struct ea_depthwise_run {
    const int8_t *const *taps;
    int32_t pairs;
    const int8_t *weights;
    const int32_t *numbers;
    int8_t *y;
    int32_t output_offset;
    int32_t low;
    int32_t high;
    int32_t channels;
    int32_t step;
    int32_t pixels;
};

#if EA_HAS_VECTORS

/* q2: products of the channels 0, 2, 4, ..., q1: of 1, 3, 5, ... They join the sums q4 to q7, 32 bits of each. */
#define EA_RUN_ADD                                                                                                     \
    "vmovlb.s16 q0, q2\n"                                                                                              \
    "vmovlt.s16 q2, q2\n"                                                                                              \
    "vadd.i32 q4, q4, q0\n"                                                                                            \
    "vmovlb.s16 q3, q1\n"                                                                                              \
    "vadd.i32 q5, q5, q2\n"                                                                                            \
    "vmovlt.s16 q1, q1\n"                                                                                              \
    "vadd.i32 q6, q6, q3\n"                                                                                            \
    "vadd.i32 q7, q7, q1\n"

/* Rounding shifts round halves up: a negative value is lowered by one before, so that its halves go down. q4: the channels
 * 0, 2, 4, ... in 16 bits, q6: 1, 3, 5, ... */
#define EA_RUN_SCALE(numbers)                                                                                          \
    ".irp sums, 4, 5, 6, 7\n"                                                                                          \
    "vldrw.u32 q0, [" numbers ", #16 * \\sums]\n"                                                                      \
    "vqrdmulh.s32 q\\sums, q\\sums, q0\n"                                                                              \
    "vldrw.u32 q1, [" numbers ", #16 * \\sums + 64]\n"                                                                 \
    "vshr.s32 q0, q\\sums, #31\n"                                                                                      \
    "vadd.i32 q\\sums, q\\sums, q0\n"                                                                                  \
    "vrshl.s32 q\\sums, q\\sums, q1\n"                                                                                 \
    ".endr\n"                                                                                                          \
    "vqmovnb.s32 q4, q4\n"                                                                                             \
    "vqmovnb.s32 q6, q6\n"                                                                                             \
    "vqmovnt.s32 q4, q5\n"                                                                                             \
    "vqmovnt.s32 q6, q7\n"

#endif

/* Channel c of the pixel that lies `at` bytes behind the first one. */
EA_INLINE int8_t ea_depthwise_run_one(const struct ea_depthwise_run *run, int32_t at, int32_t c)
{
    const int32_t taps = 2 * run->pairs + 1, block = c / EA_BLOCK, lane = c % EA_BLOCK;
    const int8_t *w = run->weights + block * taps * EA_BLOCK + lane;
    const int32_t *const numbers = run->numbers + 3 * EA_BLOCK * block + lane % 4 / 2 * 4 + lane % 2 * 8 + lane / 4;
    int32_t sum = numbers[0];
    for (int32_t i = 0; i < taps; i++, w += EA_BLOCK)
        sum += run->taps[i][at + c] * *w;
    const int32_t scaled = ea_requantise_twice(sum, numbers[EA_BLOCK], numbers[2 * EA_BLOCK]);
    return (int8_t)ea_clamp(scaled + run->output_offset, run->low, run->high);
}

EA_INLINE void ea_depthwise_run_plain(struct ea_depthwise_run *run)
{
    for (int32_t pixel = 0; pixel < run->pixels; pixel++)
        for (int32_t c = 0; c < run->channels; c++)
            *run->y++ = ea_depthwise_run_one(run, pixel * run->step, c);
}

#endif
