#ifndef EA_CHANNEL_MAXIMA_H
#define EA_CHANNEL_MAXIMA_H

#include "ea_dsp.h"
#include "ea_language.h"

#include <stdint.h>

/* maxima[c] = the larger of itself and channel c in all columns, for the channels from `first` on.
 * x: [columns][channels]. */
EA_INLINE void ea_channel_maxima_from(int32_t first, const int8_t *x, int8_t *maxima, int32_t channels, int32_t columns)
{
    for (int32_t c = first; c < channels; c++) {
        const int8_t *at = x + c;
        int8_t highest = maxima[c];
        for (int32_t left = columns; left > 0; left--, at += channels)
            highest = *at > highest ? *at : highest;
        maxima[c] = highest;
    }
}

#if EA_HAS_DSP

/* The same for all whole fours of channels, at least one. r4: four maxima. r10, r11: where blocks of four columns end, and
 * all columns. */
EA_ASSEMBLY void ea_channel_maxima_fours(
    const int8_t *x __attribute__((unused)), int8_t *maxima __attribute__((unused)),
    int32_t channels __attribute__((unused)), int32_t columns __attribute__((unused)))
{
    __asm__ volatile("push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"
                     "mla r11, r2, r3, r0\n"
                     "bic r3, r3, #3\n"
                     "mla r10, r2, r3, r0\n"
                     "lsr r12, r2, #2\n"
                     "add r3, r2, r2, lsl #1\n"
                     "1:\n" /* four channels */
                     "mov lr, r0\n"
                     "ldr r4, [r1]\n"
                     "cmp lr, r10\n"
                     "beq 3f\n"
                     "2:\n" /* four columns */
                     "ldr r6, [lr]\n"
                     "ldr r7, [lr, r2]\n"
                     "ldr r8, [lr, r2, lsl #1]\n"
                     "ldr r9, [lr, r3]\n"
                     "add lr, lr, r2, lsl #2\n"
                     ".irp four, r6, r7, r8, r9\n"
                     "ssub8 r5, r4, \\four\n"
                     "sel r4, r4, \\four\n"
                     ".endr\n"
                     "cmp lr, r10\n"
                     "bne 2b\n"
                     "3:\n"
                     "cmp lr, r11\n"
                     "beq 5f\n"
                     "4:\n" /* a column */
                     "ldr r6, [lr]\n"
                     "add lr, lr, r2\n"
                     "ssub8 r5, r4, r6\n"
                     "sel r4, r4, r6\n"
                     "cmp lr, r11\n"
                     "bne 4b\n"
                     "5:\n"
                     "str r4, [r1], #4\n"
                     "adds r0, r0, #4\n"
                     "add r10, r10, #4\n"
                     "add r11, r11, #4\n"
                     "subs r12, r12, #1\n"
                     "bne 1b\n"
                     "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n");
}

#endif

/* maxima[c] = the larger of itself and channel c in all columns. x: [columns][channels], maxima: [channels]. */
EA_INLINE void ea_channel_maxima(const int8_t *x, int8_t *maxima, int32_t channels, int32_t columns)
{
#if EA_HAS_DSP
    if (channels >= 4)
        ea_channel_maxima_fours(x, maxima, channels, columns);
    ea_channel_maxima_from(channels & ~3, x, maxima, channels, columns);
#else
    ea_channel_maxima_from(0, x, maxima, channels, columns);
#endif
}

#endif
