#ifndef EA_VECTORS_H
#define EA_VECTORS_H

/* Whether kernels may hold Helium's integer instructions; each has a twin in plain C. */
#if defined(__GNUC__) && defined(__thumb2__) && defined(__ARM_FEATURE_MVE) && !defined(__ARM_BIG_ENDIAN)
#define EA_HAS_VECTORS 1
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

#endif
