#ifndef EA_DEPTHWISE_DOUBLED_H
#define EA_DEPTHWISE_DOUBLED_H

#include "ea_language.h"

#include <stdint.h>

#define EA_DOUBLED_NUMBERS 3 /* of a channel: multiplier, addend, right */

/* Two doubled sums of a channel, rounded as the reference does. r1: numbers. r2, r3 and r12 are free. */
#define EA_DOUBLED_SCALE(first, second)                                                                                \
    "ldm r1!, {r2, r3, r12}\n"                                                                                         \
    "smmulr " #first ", " #first ", r2\n"                                                                              \
    "smmulr " #second ", " #second ", r2\n"                                                                            \
    "add " #first ", " #first ", " #first ", asr #31\n"                                                                \
    "add " #second ", " #second ", " #second ", asr #31\n"                                                             \
    "add " #first ", " #first ", r3\n"                                                                                 \
    "add " #second ", " #second ", r3\n"                                                                               \
    "asr " #first ", " #first ", r12\n"                                                                                \
    "asr " #second ", " #second ", r12\n"                                                                              \
    "ssat " #first ", #8, " #first "\n"                                                                                \
    "ssat " #second ", #8, " #second "\n"

/* The same in C, before it is narrowed. */
EA_INLINE int32_t ea_doubled_scaled(int32_t sum, const int32_t *numbers)
{
    const int32_t scaled = (int32_t)(((int64_t)sum * numbers[0] + ((int64_t)1 << 31)) >> 32);
    return (scaled + (scaled >> 31) + numbers[1]) >> numbers[2];
}

#endif
