#ifndef EA_FULLY_CONNECTED_S16_H
#define EA_FULLY_CONNECTED_S16_H

#include <stdint.h>

/* y[row][unit] = clamp(round(float64(bias[unit] + sum over i of x[row][i] * weights[unit][i]) * scale), low, high)
 * with scale = mantissa[unit * scale_step] / 2^right[unit * scale_step]: in integers, but as float64 rounds.
 * x: [rows][depth]; weights: [units][depth]; y: [rows][units]. y may not alias x. int16 is aligned as its type.
 * scale_step: 1 where each unit has a scale of its own, 0 where all share one. Sums: below 2^42. */
struct ea_fully_connected_s16 {
    int32_t rows;
    int32_t depth;
    int32_t units;
    int32_t scale_step;
    int32_t low;
    int32_t high;
    const int8_t *weights;
    const int64_t *bias;
    const int64_t *mantissa; /* of 53 bits */
    const int8_t *right;     /* 33 to 95 */
};

#endif
