#ifndef EA_DEPTHWISE_CONV2D_APART_ROW_S8_DSP_C
#define EA_DEPTHWISE_CONV2D_APART_ROW_S8_DSP_C

#include "ea_depthwise_apart.h"
#include "ea_depthwise_conv2d_apart_s8.h"
#include "ea_dsp.h"
#include "ea_language.h"

#if EA_HAS_DSP

/* Channel by channel: multiplier, addend and shift. */
#define EA_APART_SCALE(first, second)                                                                                  \
    "ldm r1!, {r2, r3, r12}\n"                                                                                         \
    "smmulr " first ", " first ", r2\n"                                                                                \
    "smmulr " second ", " second ", r2\n"                                                                              \
    "add " first ", " first ", " first ", asr #31\n"                                                                   \
    "add " second ", " second ", " second ", asr #31\n"                                                                \
    "add " first ", " first ", r3\n"                                                                                   \
    "add " second ", " second ", r3\n"                                                                                 \
    "asr " first ", " first ", r12\n"                                                                                  \
    "asr " second ", " second ", r12\n"                                                                                \
    "ssat " first ", #8, " first "\n"                                                                                  \
    "ssat " second ", #8, " second "\n"

EA_ASSEMBLY void ea_depthwise_apart_run(const struct ea_depthwise_apart *run __attribute__((unused)))
{
    __asm__ volatile(EA_APART_RUN(EA_APART_SCALE("r4", "r8") EA_APART_SCALE("r5", "r9") EA_APART_SCALE("r6", "r10")
                                      EA_APART_SCALE("r7", "r11")));
}

#else

EA_INLINE int32_t ea_apart_scaled(int32_t sum, const int32_t *numbers)
{
    const int32_t scaled = (int32_t)(((int64_t)sum * numbers[0] + ((int64_t)1 << 31)) >> 32);
    return (scaled + (scaled >> 31) + numbers[1]) >> numbers[2];
}

EA_INLINE void ea_depthwise_apart_run(const struct ea_depthwise_apart *run)
{
    ea_apart_every(run, 3, ea_apart_scaled);
}

#endif

static void ea_depthwise_conv2d_apart_row_s8_dsp(
    const struct ea_depthwise_conv2d_apart_s8 *p, const int8_t *const rows[], int8_t *y)
{
    struct ea_depthwise_apart run;
    for (int32_t at = 0; at < p->output_width;) {
        at = ea_depthwise_apart_next(p, rows, at, y, &run);
        ea_depthwise_apart_run(&run);
    }
    ea_depthwise_apart_clamp(p, y);
}

#endif
