#ifndef EA_FULLY_CONNECTED_S8_H
#define EA_FULLY_CONNECTED_S8_H

#include <stdint.h>

/* y[row][unit] = clamp(requantise_once(bias[unit] + sum over i of (x[row][i] + input_offset) * weights[unit][i],
 *                                      multiplier[unit * scale_step], right[unit * scale_step]) + output_offset, low, high)
 * x: [rows][depth]; weights: [units][depth]; y: [rows][units]. y may not alias x. Nothing needs alignment.
 * scale_step: 1 where each unit has a scale of its own, 0 where all share one. Sums wrap in 32 bits; the product of a sum
 * and its multiplier is below 2^62. */
struct ea_fully_connected_s8 {
    int32_t rows;
    int32_t depth;
    int32_t units;
    int32_t scale_step;
    int32_t input_offset;
    int32_t output_offset;
    int32_t low;
    int32_t high;
    const int8_t *weights;
    const int32_t *bias;
    const int64_t *multiplier; /* a few have more than 31 bits */
    const int8_t *right;       /* 1 to 62 */
};

#endif
