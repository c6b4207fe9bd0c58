#ifndef EA_ADD_PLANE_S8_DSP_C
#define EA_ADD_PLANE_S8_DSP_C

#include "ea_add_plane_s8.h"
#include "ea_dsp.h"
#include "ea_language.h"
#include "ea_requantise.h"

EA_INLINE int8_t ea_add_plane_one(const struct ea_add_plane_s8 *p, int32_t a, int32_t b)
{
    const int32_t of_a = (int32_t)(((int64_t)(a * (1 << 24)) * p->a_slope) >> 32);
    const int32_t of_b = (int32_t)(((int64_t)(b * (1 << 24)) * p->b_slope) >> 32);
    return (int8_t)(ea_clamp((of_a + of_b + p->addend) >> 21, 0, 255) - 128);
}

#if EA_HAS_DSP

/* r1: a. r2: b. r3: y. r4: eights left. r5 to r7: slopes and addend. r8: the upper bytes of pairs. */
#define EA_ADD_PLANE_FOUR                                                                                              \
    "ldr r9, [r1], #4\n"                                                                                               \
    "ldr r10, [r2], #4\n"                                                                                              \
    "and r11, r8, r9, lsl #8\n"                                                                                        \
    "and r12, r8, r10, lsl #8\n"                                                                                       \
    "and r9, r9, r8\n"                                                                                                 \
    "and r10, r10, r8\n"                                                                                               \
    "smlawb r0, r5, r11, r7\n"                                                                                         \
    "smlawt r11, r5, r11, r7\n"                                                                                        \
    "smlawb lr, r5, r9, r7\n"                                                                                          \
    "smlawt r9, r5, r9, r7\n"                                                                                          \
    "smlawb r0, r6, r12, r0\n"                                                                                         \
    "smlawt r11, r6, r12, r11\n"                                                                                       \
    "smlawb lr, r6, r10, lr\n"                                                                                         \
    "smlawt r9, r6, r10, r9\n"                                                                                         \
    "usat r0, #8, r0, asr #21\n"                                                                                       \
    "usat r11, #8, r11, asr #21\n"                                                                                     \
    "usat lr, #8, lr, asr #21\n"                                                                                       \
    "usat r9, #8, r9, asr #21\n"                                                                                       \
    "orr r0, r0, r11, lsl #16\n"                                                                                       \
    "orr r0, r0, lr, lsl #8\n"                                                                                         \
    "orr r0, r0, r9, lsl #24\n"                                                                                        \
    "eor r0, r0, #0x80808080\n"                                                                                        \
    "str r0, [r3], #4\n"

/* All whole fours. */
EA_ASSEMBLY void ea_add_plane_fours(
    const struct ea_add_plane_s8 *p __attribute__((unused)), const int8_t *a __attribute__((unused)),
    const int8_t *b __attribute__((unused)), int8_t *y __attribute__((unused)))
{
    __asm__ volatile("push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"
                     "ldm r0, {r4, r5, r6, r7}\n"
                     "mov r8, #0xff00ff00\n"
                     "add r4, r4, #4\n"
                     "lsrs r4, r4, #3\n"
                     "beq 3f\n"
                     "bcc 2f\n" /* an odd number of fours */
                     "1:\n" EA_ADD_PLANE_FOUR "2:\n" EA_ADD_PLANE_FOUR "subs r4, r4, #1\n"
                     "bne 1b\n"
                     "3:\n"
                     "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n");
}

#else

EA_INLINE void ea_add_plane_fours(const struct ea_add_plane_s8 *p, const int8_t *a, const int8_t *b, int8_t *y)
{
    for (int32_t i = 0; i < (p->count & ~3); i++)
        y[i] = ea_add_plane_one(p, a[i], b[i]);
}

#endif

static void ea_add_plane_s8_dsp(const struct ea_add_plane_s8 *p, const int8_t *a, const int8_t *b, int8_t *y)
{
    ea_add_plane_fours(p, a, b, y);
    for (int32_t i = p->count & ~3; i < p->count; i++)
        y[i] = ea_add_plane_one(p, a[i], b[i]);
    if (p->low > -128 || p->high < 127)
        for (int32_t i = 0; i < p->count; i++)
            y[i] = (int8_t)ea_clamp(y[i], p->low, p->high);
}

#endif
