#ifndef EA_FULLY_CONNECTED_BLOCKS_S8_H
#define EA_FULLY_CONNECTED_BLOCKS_S8_H

#include <stdint.h>

/* The same function as ea_fully_connected_s8, four units at a time:
 * y[unit] = clamp(requantise_once(bias[unit] + sum of x * weights, multiplier[unit], 32 + right[unit])
 *                 + output_zero_point, low, high), where bias holds minus the zero point of x times the sum of the weights.
 *
 * weights: of each quad of units, for each of depth values a word of (weight + 128) of units 2, 3, 1, 0 from its lowest
 * byte on; then [4] biases. scales: of each quad, or of all where scale_words is
 * 0, a word of right - 1 of units 0 to 3, from the lowest byte on; then [4] multipliers. The last quad is filled up.
 * right: 1 to 22. addend: 2 * output_zero_point + 1. The sum with its bias is below 2^29 in magnitude; and 128 * the sum
 * of a unit's weights' magnitudes below 2^23.
 * x, y: as for ea_fully_connected_s8. */
struct ea_fully_connected_blocks_s8 {
    int32_t rows;
    int32_t depth;
    int32_t units;
    int32_t low;
    int32_t high;
    int32_t addend;
    int32_t quad_words;
    int32_t scale_words; /* from one quad's scales to the next one's */
    const uint32_t *weights;
    const uint32_t *scales;
};

#endif
