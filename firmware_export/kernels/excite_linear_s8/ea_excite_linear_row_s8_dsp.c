#ifndef EA_EXCITE_LINEAR_ROW_S8_DSP_C
#define EA_EXCITE_LINEAR_ROW_S8_DSP_C

#include "ea_dsp.h"
#include "ea_excite_linear_s8.h"
#include "ea_language.h"
#include "ea_requantise.h"

/* One channel. */
EA_INLINE void ea_excite_linear_channel(const struct ea_excite_linear_s8 *p, const int8_t *x, int32_t gate, int8_t *y)
{
    const uint32_t wide = (uint32_t)(gate + p->gate_offset) * (uint32_t)p->multiplier + (uint32_t)p->half;
    const int32_t slope = (int32_t)(wide >> p->right);
    const int32_t addend = p->addend, step = p->channels;
    for (int32_t i = p->width; i > 0; i--, x += step, y += step) {
        const int32_t scaled = (int32_t)(((int64_t)((*x + 128) * (1 << 19)) * slope) >> 32);
        *y = (int8_t)(ea_clamp((scaled + addend) >> 16, 0, 255) - 128);
    }
}

#if EA_HAS_DSP

/* All whole fours of channels. On the stack: p, the gates, their end, minus the bytes of a row. r0, r1: behind x and y of a
 * four. r2: from there to a column. r3: from one column to the next. r4 to r7: slopes. r8: addend. r9: where four bytes of
 * x shifted by 3 lie in pairs. r10, r11, r12, lr: what comes and goes. */
EA_ASSEMBLY void ea_excite_linear_fours(
    const struct ea_excite_linear_s8 *p __attribute__((unused)), const int8_t *x __attribute__((unused)),
    const int8_t *gate __attribute__((unused)), int8_t *y __attribute__((unused)))
{
    __asm__ volatile("push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"
                     "sub sp, #20\n"
                     "ldrd r5, r6, [r0, #20]\n"
                     "ldr r8, [r0, #16]\n"
                     "mul r7, r5, r6\n"
                     "bic r4, r6, #3\n"
                     "add r4, r4, r2\n"
                     "strd r0, r2, [sp]\n"
                     "adds r0, r1, r7\n"
                     "adds r1, r3, r7\n"
                     "negs r7, r7\n"
                     "strd r4, r7, [sp, #8]\n"
                     "mov r3, r6\n"
                     "mov r9, #0x00ff00ff\n"
                     "lsl r9, r9, #3\n"
                     "1:\n" /* four channels */
                     "ldr lr, [sp]\n"
                     "ldr r10, [sp, #4]\n"
                     "ldm lr, {r2, r11, r12, lr}\n"
                     "ldr r7, [r10], #4\n"
                     "str r10, [sp, #4]\n"
                     "sxtab r4, r2, r7\n"
                     "sxtab r5, r2, r7, ror #8\n"
                     "sxtab r6, r2, r7, ror #16\n"
                     "sxtab r7, r2, r7, ror #24\n"
                     ".irp slope, r4, r5, r6, r7\n"
                     "mla \\slope, \\slope, r11, r12\n"
                     "lsr \\slope, \\slope, lr\n"
                     ".endr\n"
                     "ldr r2, [sp, #12]\n"
                     "2:\n" /* a column */
                     "ldr r10, [r0, r2]\n"
                     "eor r10, r10, #0x80808080\n"
                     "and r11, r9, r10, lsl #3\n"
                     "and r12, r9, r10, lsr #5\n"
                     "smlawb r10, r4, r11, r8\n"
                     "smlawt r11, r6, r11, r8\n"
                     "smlawb lr, r5, r12, r8\n"
                     "smlawt r12, r7, r12, r8\n"
                     "pkhtb r10, r11, r10, asr #16\n"
                     "pkhtb r12, r12, lr, asr #16\n"
                     "usat16 r10, #8, r10\n"
                     "usat16 r12, #8, r12\n"
                     "orr r10, r10, r12, lsl #8\n"
                     "eor r10, r10, #0x80808080\n"
                     "str r10, [r1, r2]\n"
                     "adds r2, r2, r3\n"
                     "bne 2b\n"
                     "ldrd r10, r11, [sp, #4]\n"
                     "adds r0, r0, #4\n"
                     "adds r1, r1, #4\n"
                     "cmp r10, r11\n"
                     "bne 1b\n"
                     "add sp, #20\n"
                     "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n");
}

#else

EA_INLINE void ea_excite_linear_fours(
    const struct ea_excite_linear_s8 *p, const int8_t *x, const int8_t *gate, int8_t *y)
{
    for (int32_t c = 0; c < (p->channels & ~3); c++)
        ea_excite_linear_channel(p, x + c, gate[c], y + c);
}

#endif

static void ea_excite_linear_row_s8_dsp(
    const struct ea_excite_linear_s8 *p, const int8_t *x, const int8_t *gate, int8_t *y)
{
    const int32_t fours = p->channels & ~3;
    if (fours > 0)
        ea_excite_linear_fours(p, x, gate, y);
    for (int32_t c = fours; c < p->channels; c++)
        ea_excite_linear_channel(p, x + c, gate[c], y + c);
}

#endif
