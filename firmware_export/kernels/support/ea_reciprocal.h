#ifndef EA_RECIPROCAL_H
#define EA_RECIPROCAL_H

#include "ea_language.h"
#include "ea_requantise.h"

#include <stdint.h>

/* 1 / normalised as Q0.31, normalised being Q1.31 in [1, 2): three steps of Newton and Raphson in Q2.29. */
EA_INLINE int32_t ea_reciprocal(uint32_t normalised)
{
    const int32_t one = 1 << 29;
    const int32_t half = (int32_t)(normalised >> 1);
    int32_t guess = 1515870810 + ea_multiply_high(-1010580540, half); /* 48/17 - 32/17 * half */
    for (int32_t i = 0; i < 3; i++)
        guess += ea_multiply_high(one - ea_multiply_high(half, guess), guess) * 4;
    return guess < (1 << 30) ? guess * 2 : 0x7fffffff;
}

#endif
