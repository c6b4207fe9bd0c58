#ifndef EA_SOFTMAX_S16_H
#define EA_SOFTMAX_S16_H

#include <stdint.h>

/* y = exp(beta * scale * (x - max)) / sum of the same over the row, with scale 2^-15.
 * The difference is brought to 10 / 65535 (requantise_twice); exponential and reciprocal are interpolated in tables of 512
 * steps, halves up: exp over [-10, 0] and 1 / (1 + x) over [0, 1], both Q0.15. The sum is Q16.15.
 * x, y: [rows][depth], may not alias; tables: [513]; depth: below 2^16. int16 is aligned as its type. */
struct ea_softmax_s16 {
    int32_t rows;
    int32_t depth;
    int32_t multiplier;
    int32_t shift;
    const int16_t *exponential;
    const int16_t *reciprocal;
};

#endif
