#ifndef EA_EXCITE_LINEAR_S8_H
#define EA_EXCITE_LINEAR_S8_H

#include <stdint.h>

/* The same function as ea_excite_row_s8 where each channel has a gate, x has the zero point -128 and one product rounds
 * as both of the reference do, which the exporter has tried for every x and gate:
 * y = clamp(((((x + 128) * 8 * slope) >> 16) + addend) >> 16, 0, 255) - 128,
 * slope = ((gate + gate_offset) * multiplier + half) >> right, unsigned, below 2^31.
 * x, y: [width][channels], gate: [channels]. y may be x. Nothing needs alignment. The assembly knows the order of the
 * fields. */
struct ea_excite_linear_s8 {
    int32_t gate_offset;
    int32_t multiplier;
    int32_t half;
    int32_t right;
    int32_t addend;
    int32_t width;
    int32_t channels;
};

#endif
