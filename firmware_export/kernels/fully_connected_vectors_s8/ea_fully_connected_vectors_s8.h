#ifndef EA_FULLY_CONNECTED_VECTORS_S8_H
#define EA_FULLY_CONNECTED_VECTORS_S8_H

#include <stdint.h>

/* The same function as ea_fully_connected_s8, four units (a quad) at a time:
 * y[row][unit] = clamp(requantise_once(bias[unit] + sum of x * weights, multiplier[unit], 32 - shift[unit])
 *                      + output_offset, low, high),
 * where bias holds minus the zero point of x times the sum of the weights.
 *
 * The depth is a first part of `first` values, 1 to 16, and `blocks` blocks of 16. weights: [quad][first part, then
 * blocks][4][16]; zeros fill up the first part and the last quad. channels: [quad]{bias[4], multiplier[4], shift[4]},
 * 4-byte aligned; shift: -31 to -1; sums fit int32. x, y: as for ea_fully_connected_s8. */
struct ea_fully_connected_vectors_s8 {
    int32_t rows;
    int32_t depth;
    int32_t units;
    int32_t output_offset;
    int32_t low;
    int32_t high;
    int32_t first;
    int32_t blocks;
    const int8_t *weights;
    const int32_t *channels;
};

#endif
