#ifndef EA_SOFTMAX_S8_H
#define EA_SOFTMAX_S8_H

#include <stdint.h>

/* y = exp(beta * scale * (x - max)) / sum of the same over the row, with scale 1/256 and zero point -128.
 * exponentials[d], Q0.31: exp at d steps below the row's maximum; further below, neither the sum nor y would see it.
 * The sum is Q12.19; from 512 on every y rounds to -128. x, y: [rows][depth], may be the same. Nothing needs alignment.
 * Rounding: at every step, halves away from zero in shifts and up in products. */
struct ea_softmax_s8 {
    int32_t rows;
    int32_t depth;
    int32_t differences; /* length of exponentials, at least 1 */
    const int32_t *exponentials;
};

#endif
