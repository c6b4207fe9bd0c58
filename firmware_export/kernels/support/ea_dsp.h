#ifndef EA_DSP_H
#define EA_DSP_H

#include "ea_language.h"

#include <stdint.h>
#include <string.h>

/* Whether kernels may hold instructions of the DSP extension; each has a twin in plain C. */
#if defined(__GNUC__) && defined(__thumb2__) && defined(__ARM_FEATURE_DSP) && !defined(__ARM_BIG_ENDIAN)
#define EA_HAS_DSP 1
#else
#define EA_HAS_DSP 0
#endif

/* A function that is all assembly: every register is its own. Nobody may guess what it does with its
 * argument. Aligned, so that its loops take as long wherever the linker puts it. */
#if defined(__clang__)
#define EA_ASSEMBLY __attribute__((naked, aligned(8), noinline, unused)) static
#elif defined(__GNUC__) && __GNUC__ >= 8
#define EA_ASSEMBLY __attribute__((naked, aligned(8), noipa, unused)) static
#elif defined(__GNUC__)
#define EA_ASSEMBLY __attribute__((naked, aligned(8), noinline, noclone, unused)) static
#endif

/* Four bytes as they lie in memory, wherever they lie. */
EA_INLINE uint32_t ea_word_at(const int8_t *x)
{
    uint32_t word;
    memcpy(&word, x, sizeof word);
    return word;
}

/* Bytes 0 and 2, or 1 and 3, as two int16. */
#if EA_HAS_DSP
EA_INLINE uint32_t ea_even_bytes(uint32_t word)
{
    uint32_t pair;
    __asm__("sxtb16 %0, %1" : "=r"(pair) : "r"(word));
    return pair;
}

EA_INLINE uint32_t ea_odd_bytes(uint32_t word)
{
    uint32_t pair;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(pair) : "r"(word));
    return pair;
}
#else
EA_INLINE uint32_t ea_even_bytes(uint32_t word)
{
    const uint32_t bytes = word & 0x00ff00ffu;
    const uint32_t negative = bytes & 0x00800080u;
    return bytes | ((negative << 9) - (negative << 1));
}

EA_INLINE uint32_t ea_odd_bytes(uint32_t word)
{
    return ea_even_bytes(word >> 8);
}
#endif

#endif
