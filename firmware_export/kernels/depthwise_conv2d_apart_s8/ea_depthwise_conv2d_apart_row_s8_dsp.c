#ifndef EA_DEPTHWISE_CONV2D_APART_ROW_S8_DSP_C
#define EA_DEPTHWISE_CONV2D_APART_ROW_S8_DSP_C

#include "ea_depthwise_apart.h"
#include "ea_depthwise_conv2d_apart_s8.h"
#include "ea_depthwise_doubled.h"
#include "ea_dsp.h"
#include "ea_language.h"

#if EA_HAS_DSP

EA_ASSEMBLY void ea_depthwise_apart_run(const struct ea_depthwise_apart *run __attribute__((unused)))
{
    __asm__ volatile(EA_APART_RUN(EA_DOUBLED_SCALE(r4, r8) EA_DOUBLED_SCALE(r5, r9) EA_DOUBLED_SCALE(r6, r10)
                                      EA_DOUBLED_SCALE(r7, r11)));
}

#else

EA_INLINE void ea_depthwise_apart_run(const struct ea_depthwise_apart *run)
{
    ea_apart_every(run, EA_DOUBLED_NUMBERS, ea_doubled_scaled);
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
