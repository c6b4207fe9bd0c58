#ifndef EA_DEPTHWISE_CONV2D_RECTIFIED_ROWS_S8_DSP_C
#define EA_DEPTHWISE_CONV2D_RECTIFIED_ROWS_S8_DSP_C

#include "ea_depthwise_conv2d_pairs_s8.h"
#include "ea_depthwise_pairs.h"
#include "ea_dsp.h"
#include "ea_language.h"

#define EA_RECTIFIED_NUMBERS 9 /* of a channel */
#define EA_RECTIFIED_RIGHT 12  /* the shift of all channels */

#if EA_HAS_DSP

#define EA_RECTIFIED_SCALE(above, below)                                                                               \
    ".ifc " #above ", r10\n"                                                                                           \
    "ldr r2, [sp, #4]\n"                                                                                               \
    "ldr r3, [sp, #8]\n"                                                                                               \
    ".endif\n"                                                                                                         \
    "smmla " #above ", " #above ", r2, r3\n"                                                                           \
    "smmla " #below ", " #below ", r2, r3\n"

#define EA_RECTIFIED_NARROW(above, below)                                                                              \
    "ssat " #above ", #8, " #above ", asr #12\n"                                                                       \
    "ssat " #below ", #8, " #below ", asr #12\n"

EA_ASSEMBLY void ea_depthwise_rectified_run(const struct ea_depthwise_pairs *run __attribute__((unused)))
{
    __asm__ volatile(EA_PAIRS_BEGIN); /* two strings, for one may have 4095 characters */
    __asm__ volatile(EA_PAIRS_FOUR_CHANNELS(
        36,
        "ldm r2!, {r4, r5, r6, r7, r8, r9, r10, r11, r12}\n"
        "stm sp, {r10, r11, r12}\n",
        EA_RECTIFIED_SCALE, EA_RECTIFIED_NARROW));
}

#else

EA_INLINE int32_t ea_pairs_scale_rectified(int32_t sum, const int32_t *numbers)
{
    return ((int32_t)(((int64_t)sum * numbers[7]) >> 32) + numbers[8]) >> EA_RECTIFIED_RIGHT;
}

EA_INLINE void ea_depthwise_rectified_run(const struct ea_depthwise_pairs *run)
{
    ea_pairs_every(run, EA_RECTIFIED_NUMBERS, ea_pairs_scale_rectified);
}

#endif

static void ea_depthwise_conv2d_rectified_rows_s8_dsp(
    const struct ea_depthwise_conv2d_pairs_s8 *p, const int8_t *const rows[], int32_t left, int8_t *y, void *scratch)
{
    const int32_t count = left < p->rows ? left : p->rows;
    struct ea_depthwise_pairs run;
    ea_depthwise_pairs_begin(p, rows, count, y, (uint32_t *)scratch, &run);
    ea_depthwise_rectified_run(&run);
    ea_depthwise_pairs_clamp(p, count, y);
}

#endif
