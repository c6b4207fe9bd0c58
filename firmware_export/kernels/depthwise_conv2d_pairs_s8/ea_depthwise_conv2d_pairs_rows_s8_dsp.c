#ifndef EA_DEPTHWISE_CONV2D_PAIRS_ROWS_S8_DSP_C
#define EA_DEPTHWISE_CONV2D_PAIRS_ROWS_S8_DSP_C

#include "ea_depthwise_conv2d_pairs_s8.h"
#include "ea_depthwise_pairs.h"
#include "ea_dsp.h"
#include "ea_language.h"

#define EA_PAIRS_NUMBERS 10 /* of a channel */

#if EA_HAS_DSP

#define EA_PAIRS_SCALE(above, below)                                                                                   \
    "ldr r2, [sp, #4]\n"                                                                                               \
    "ldr r3, [sp, #8]\n"                                                                                               \
    "smmulr " #above ", " #above ", r2\n"                                                                              \
    "smmulr " #below ", " #below ", r2\n"                                                                              \
    "ldr r2, [sp, #12]\n"                                                                                              \
    "add " #above ", " #above ", " #above ", asr #31\n"                                                                \
    "add " #below ", " #below ", " #below ", asr #31\n"                                                                \
    "add " #above ", " #above ", r3\n"                                                                                 \
    "add " #below ", " #below ", r3\n"                                                                                 \
    "asr " #above ", " #above ", r2\n"                                                                                 \
    "asr " #below ", " #below ", r2\n"

#define EA_PAIRS_NARROW(above, below)                                                                                  \
    "ssat " #above ", #8, " #above "\n"                                                                                \
    "ssat " #below ", #8, " #below "\n"

EA_ASSEMBLY void ea_depthwise_pairs_run(const struct ea_depthwise_pairs *run __attribute__((unused)))
{
    __asm__ volatile(EA_PAIRS_BEGIN); /* two strings, for one may have 4095 characters */
    __asm__ volatile(EA_PAIRS_FOUR_CHANNELS(
        40,
        "ldm r2!, {r4, r5, r6, r7, r8, r9, r10, r11, r12, lr}\n"
        "stm sp, {r10, r11, r12, lr}\n",
        EA_PAIRS_SCALE, EA_PAIRS_NARROW));
}

#else

EA_INLINE int32_t ea_pairs_scale_signed(int32_t sum, const int32_t *numbers)
{
    const int32_t scaled = (int32_t)(((int64_t)sum * numbers[7] + ((int64_t)1 << 31)) >> 32);
    return (scaled + (scaled >> 31) + numbers[8]) >> numbers[9];
}

EA_INLINE void ea_depthwise_pairs_run(const struct ea_depthwise_pairs *run)
{
    ea_pairs_every(run, EA_PAIRS_NUMBERS, ea_pairs_scale_signed);
}

#endif

static void ea_depthwise_conv2d_pairs_rows_s8_dsp(
    const struct ea_depthwise_conv2d_pairs_s8 *p, const int8_t *const rows[], int32_t left, int8_t *y, void *scratch)
{
    const int32_t count = left < p->rows ? left : p->rows;
    struct ea_depthwise_pairs run;
    ea_depthwise_pairs_begin(p, rows, count, y, (uint32_t *)scratch, &run);
    ea_depthwise_pairs_run(&run);
    ea_depthwise_pairs_clamp(p, count, y);
}

#endif
