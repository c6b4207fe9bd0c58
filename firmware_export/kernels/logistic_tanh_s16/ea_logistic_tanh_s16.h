#ifndef EA_LOGISTIC_TANH_S16_H
#define EA_LOGISTIC_TANH_S16_H

#include <stdint.h>

/* y = logistic(x) or tanh(x), with scale 2^-15, interpolated in one table: sigmoid[i] = 2^16 * logistic(i / 24).
 * x is brought to 1 / (3 * 4096): (x * multiplier + 2^(shift - 1)) / 2^shift. tanh(x) is 2 * logistic(2 * x) - 1.
 * x, y: [count], may be the same; sigmoid: [256]. int16 is aligned as its type. */
struct ea_logistic_tanh_s16 {
    int32_t count;
    int32_t multiplier; /* up to 32767 */
    int32_t shift;      /* 0 to 31 */
    const uint16_t *sigmoid;
};

#endif
