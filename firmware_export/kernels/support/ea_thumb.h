#ifndef EA_THUMB_H
#define EA_THUMB_H

/* Whether kernels may hold instructions of ARMv7-M, or of ARMv6-M; each way has a twin in plain C. */
#if defined(__GNUC__) && defined(__thumb2__) && !defined(__ARM_BIG_ENDIAN)
#define EA_HAS_THUMB2 1
#else
#define EA_HAS_THUMB2 0
#endif
#if defined(__GNUC__) && defined(__thumb__) && !defined(__thumb2__) && !defined(__ARM_BIG_ENDIAN) && __ARM_ARCH >= 6
#define EA_HAS_THUMB 1
#else
#define EA_HAS_THUMB 0
#endif

#endif
