#ifndef EA_ADD_ALIKE_S8_DSP_C
#define EA_ADD_ALIKE_S8_DSP_C

#include "ea_add_alike_one.h"
#include "ea_add_alike_s8.h"
#include "ea_dsp.h"
#include "ea_language.h"
#include "ea_requantise.h"

#if EA_HAS_DSP

/* r1: a. r2: b. r3: y. r4: count. r5 to r12: the struct's numbers in their order. */
#define EA_ADD_ALIKE_ONE                                                                                               \
    "ldrsb r0, [r2], #1\n"                                                                                             \
    "add r0, r5, r0, lsl #21\n"                                                                                        \
    "add lr, r7, r0, asr #31\n"                                                                                        \
    "smmlar r0, r0, r6, lr\n"                                                                                          \
    "asr r0, r0, r8\n"                                                                                                 \
    "ldrsb lr, [r1], #1\n"                                                                                             \
    "add lr, r9, lr, lsl #20\n"                                                                                        \
    "add r0, lr, r0, lsl #1\n"                                                                                         \
    "add lr, r11, r0, asr #31\n"                                                                                       \
    "smmlar r0, r0, r10, lr\n"                                                                                         \
    "asr r0, r0, r12\n"                                                                                                \
    "ssat r0, #8, r0\n"                                                                                                \
    "strb r0, [r3], #1\n"

EA_ASSEMBLY void ea_add_alike_all(
    const struct ea_add_alike_s8 *p __attribute__((unused)), const int8_t *a __attribute__((unused)),
    const int8_t *b __attribute__((unused)), int8_t *y __attribute__((unused)))
{
    __asm__ volatile("push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"
                     "ldm r0, {r4, r5, r6, r7, r8, r9, r10, r11, r12}\n"
                     "b 2f\n"
                     "1:\n.rept 4\n" EA_ADD_ALIKE_ONE ".endr\n"
                     "2:\n"
                     "subs r4, r4, #4\n"
                     "bpl 1b\n"
                     "adds r4, r4, #4\n"
                     "b 4f\n"
                     "3:\n" EA_ADD_ALIKE_ONE "4:\n"
                     "subs r4, r4, #1\n"
                     "bpl 3b\n"
                     "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n");
}

#else

EA_INLINE void ea_add_alike_all(const struct ea_add_alike_s8 *p, const int8_t *a, const int8_t *b, int8_t *y)
{
    for (int32_t i = 0; i < p->count; i++)
        y[i] = (int8_t)ea_clamp(ea_add_alike_one(p, a[i], b[i]), -128, 127);
}

#endif

static void ea_add_alike_s8_dsp(const struct ea_add_alike_s8 *p, const int8_t *a, const int8_t *b, int8_t *y)
{
    ea_add_alike_all(p, a, b, y);
    if (p->low > -128 || p->high < 127)
        for (int32_t i = 0; i < p->count; i++)
            y[i] = (int8_t)ea_clamp(y[i], p->low, p->high);
}

#endif
