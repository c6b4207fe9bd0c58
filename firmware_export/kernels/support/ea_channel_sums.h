#ifndef EA_CHANNEL_SUMS_H
#define EA_CHANNEL_SUMS_H

#include "ea_dsp.h"
#include "ea_language.h"

#include <stdint.h>
#include <string.h>

#define EA_CHANNEL_SUMS_COLUMNS 256 /* of int8 that an int16 is sure to hold */

#if EA_HAS_DSP

/* sums[c] += the sum of channel c over 1 to 256 columns, for all whole fours of channels, at least one.
 * x: [columns][channels]. r4, r5: four sums as pairs. r10, r11: where blocks of four columns end, and all columns. */
EA_ASSEMBLY void ea_channel_sums_fours(
    const int8_t *x __attribute__((unused)), int32_t *sums __attribute__((unused)),
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
                     "movs r4, #0\n"
                     "movs r5, #0\n"
                     "cmp lr, r10\n"
                     "beq 3f\n"
                     "2:\n" /* four columns */
                     "ldr r6, [lr]\n"
                     "ldr r7, [lr, r2]\n"
                     "ldr r8, [lr, r2, lsl #1]\n"
                     "ldr r9, [lr, r3]\n"
                     "add lr, lr, r2, lsl #2\n"
                     ".irp four, r6, r7, r8, r9\n"
                     "sxtab16 r4, r4, \\four\n"
                     "sxtab16 r5, r5, \\four, ror #8\n"
                     ".endr\n"
                     "cmp lr, r10\n"
                     "bne 2b\n"
                     "3:\n"
                     "cmp lr, r11\n"
                     "beq 5f\n"
                     "4:\n" /* a column */
                     "ldr r6, [lr]\n"
                     "add lr, lr, r2\n"
                     "sxtab16 r4, r4, r6\n"
                     "sxtab16 r5, r5, r6, ror #8\n"
                     "cmp lr, r11\n"
                     "bne 4b\n"
                     "5:\n"
                     "ldm r1, {r6, r7, r8, r9}\n"
                     "adds r0, r0, #4\n"
                     "add r10, r10, #4\n"
                     "add r11, r11, #4\n"
                     "sxtah r6, r6, r4\n"
                     "sxtah r7, r7, r5\n"
                     "sxtah r8, r8, r4, ror #16\n"
                     "sxtah r9, r9, r5, ror #16\n"
                     "stm r1!, {r6, r7, r8, r9}\n"
                     "subs r12, r12, #1\n"
                     "bne 1b\n"
                     "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n");
}

#else

/* Four channels of one position join their sums. */
EA_INLINE void ea_channel_sums_join(const int8_t *x, int32_t sums[4])
{
    sums[0] += x[0];
    sums[1] += x[1];
    sums[2] += x[2];
    sums[3] += x[3];
}

EA_INLINE void ea_channel_sums_fours(const int8_t *x, int32_t *sums, int32_t channels, int32_t columns)
{
    for (int32_t c = 0; c < (channels & ~3); c += 4) {
        int32_t four[4] = {sums[c], sums[c + 1], sums[c + 2], sums[c + 3]};
        const int8_t *at = x + c;
        for (int32_t pair = columns >> 1; pair > 0; pair--, at += 2 * channels) {
            ea_channel_sums_join(at, four);
            ea_channel_sums_join(at + channels, four);
        }
        if (columns & 1)
            ea_channel_sums_join(at, four);
        memcpy(sums + c, four, sizeof four);
    }
}

#endif

/* sums[c] += the sum of channel c over all columns. x: [columns][channels], sums: [channels]. */
EA_INLINE void ea_channel_sums(const int8_t *x, int32_t *sums, int32_t channels, int32_t columns)
{
    const int32_t fours = channels & ~3;
    for (int32_t c = fours; c < channels; c++) {
        const int8_t *at = x + c;
        int32_t sum = sums[c];
        for (int32_t left = columns; left > 0; left--, at += channels)
            sum += *at;
        sums[c] = sum;
    }
    if (fours == 0)
        return;
    for (int32_t left = columns; left > 0; left -= EA_CHANNEL_SUMS_COLUMNS, x += EA_CHANNEL_SUMS_COLUMNS * channels)
        ea_channel_sums_fours(x, sums, channels, left < EA_CHANNEL_SUMS_COLUMNS ? left : EA_CHANNEL_SUMS_COLUMNS);
}

#endif
