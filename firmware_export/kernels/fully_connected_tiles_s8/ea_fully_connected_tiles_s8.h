#ifndef EA_FULLY_CONNECTED_TILES_S8_H
#define EA_FULLY_CONNECTED_TILES_S8_H

#include <stdint.h>

#include "ea_dsp.h"

/* The same function as ea_fully_connected_s8, eight units at a time:
 * y[unit] = clamp(requantise_once(bias[unit] + sum of x * weights, multiplier[unit], 32 + right[unit]) + output_offset,
 * low, high), where bias holds minus the zero point of x times the sum of the weights.
 *
 * depth is rounded up to a multiple of 4: blocks. The first block is the last four values: of what another block holds
 * too, and of what is not there, the weights are zeros. Those behind it begin at value 0. Of a block, values 0 and 2 make
 * one pair, 1 and 3 the next. weights: [octet of units][pair][4][2], int16: for units (0, 1) to (6, 7) of the octet and
 * each value of the pair, the second unit's weight * 256 + the first one's. |second sum|: below 2^23.
 * channels: [unit]{bias, multiplier, addend, right}; addend = 2^(right - 1) + output_offset * 2^right, right: 1 to 22.
 * The sum with its bias fits int32. channels and weights: 4-byte aligned. x, y: as for ea_fully_connected_s8. */
struct ea_fully_connected_tiles_s8 {
    int32_t rows;
    int32_t depth;
    int32_t units;
    int32_t low;
    int32_t high;
    const int16_t *weights;
    const int32_t *channels;
};

#endif
