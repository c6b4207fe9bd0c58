#ifndef EA_DEPTHWISE_CONV2D_APART_RECTIFIED_ROW_S8_DSP_C
#define EA_DEPTHWISE_CONV2D_APART_RECTIFIED_ROW_S8_DSP_C

#include "ea_depthwise_apart.h"
#include "ea_depthwise_conv2d_apart_s8.h"
#include "ea_dsp.h"
#include "ea_language.h"

#if EA_HAS_DSP

/* Channel by channel: multiplier and addend. */
#define EA_APART_RECTIFIED_SCALE(first, second, multiplier, addend)                                                    \
    "smmla " first ", " first ", " multiplier ", " addend "\n"                                                         \
    "smmla " second ", " second ", " multiplier ", " addend "\n"                                                       \
    "ssat " first ", #8, " first ", asr #12\n"                                                                         \
    "ssat " second ", #8, " second ", asr #12\n"

#define EA_APART_RECTIFIED_LOAD "ldm r1!, {r2, r3, r12, lr}\n"

EA_ASSEMBLY void ea_depthwise_apart_rectified_run(const struct ea_depthwise_apart *run __attribute__((unused)))
{
    __asm__ volatile(EA_APART_RUN(EA_APART_RECTIFIED_LOAD EA_APART_RECTIFIED_SCALE("r4", "r8", "r2", "r3")
                                      EA_APART_RECTIFIED_SCALE("r5", "r9", "r12", "lr")
                                          EA_APART_RECTIFIED_LOAD EA_APART_RECTIFIED_SCALE("r6", "r10", "r2", "r3")
                                              EA_APART_RECTIFIED_SCALE("r7", "r11", "r12", "lr")));
}

#else

EA_INLINE int32_t ea_apart_rectified(int32_t sum, const int32_t *numbers)
{
    return ((int32_t)(((int64_t)sum * numbers[0]) >> 32) + numbers[1]) >> 12;
}

EA_INLINE void ea_depthwise_apart_rectified_run(const struct ea_depthwise_apart *run)
{
    ea_apart_every(run, 2, ea_apart_rectified);
}

#endif

static void ea_depthwise_conv2d_apart_rectified_row_s8_dsp(
    const struct ea_depthwise_conv2d_apart_s8 *p, const int8_t *const rows[], int8_t *y)
{
    struct ea_depthwise_apart run;
    for (int32_t at = 0; at < p->output_width;) {
        at = ea_depthwise_apart_next(p, rows, at, y, &run);
        ea_depthwise_apart_rectified_run(&run);
    }
    ea_depthwise_apart_clamp(p, y);
}

#endif
