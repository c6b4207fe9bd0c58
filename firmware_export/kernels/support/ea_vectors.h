#ifndef EA_VECTORS_H
#define EA_VECTORS_H

#include "ea_language.h"

#include <stdint.h>
#include <string.h>

/* Whether kernels may hold Helium's integer instructions; each has a twin in plain C. */
#if defined(__GNUC__) && defined(__thumb2__) && defined(__ARM_FEATURE_MVE) && !defined(__ARM_BIG_ENDIAN)
#define EA_HAS_VECTORS 1
#include <arm_mve.h>
#else
#define EA_HAS_VECTORS 0
#endif

/* A function that is all assembly: every register is its own. Nobody may guess what it does with its
 * argument. Aligned, so that its loops take as long wherever the linker puts it. */
#if defined(__clang__)
#define EA_VECTOR_ASSEMBLY __attribute__((naked, aligned(8), noinline, unused)) static
#elif defined(__GNUC__)
#define EA_VECTOR_ASSEMBLY __attribute__((naked, aligned(8), noipa, unused)) static
#endif

/* A helper that takes or gives vectors: at any level of optimisation a part of its caller. */
#if defined(__GNUC__)
#define EA_VECTOR_INLINE static inline __attribute__((always_inline, unused))
#endif

/* memcpy of a few bytes, without a call; returns their end in y. */
EA_INLINE int8_t *ea_copy_bytes(int8_t *y, const int8_t *x, int32_t count)
{
    int8_t *const end = y + count;
#if EA_HAS_VECTORS
    __asm__ volatile("wlstp.8 lr, %[count], 2f\n"
                     "1:\n"
                     "vldrb.u8 q0, [%[x]], #16\n"
                     "vstrb.8 q0, [%[y]], #16\n"
                     "letp lr, 1b\n"
                     "2:\n"
                     : [x] "+r"(x), [y] "+r"(y)
                     : [count] "r"(count)
                     : "q0", "lr", "cc", "memory");
#else
    memcpy(y, x, (size_t)count);
#endif
    return end;
}

#endif
