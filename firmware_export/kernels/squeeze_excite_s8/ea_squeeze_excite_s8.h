#ifndef EA_SQUEEZE_EXCITE_S8_H
#define EA_SQUEEZE_EXCITE_S8_H

#include <stdint.h>

/* The mean of each channel, 1 / count being part of the multiplier, rounded twice without branches:
 * y[c] = clamp((wide * multiplier / 2^32 + addend - (wide < 0 ? 2 : 0)) >> right, -128, 127), wide = 4 * (sums[c] +
 * input_offset): rounded down to halves it holds what the first rounding needs, which joins the second one in addend =
 * 1 + 2^(right - 1) + output_offset * 2^right. sums: int32, of at most 2^20 values each. right: 2 to 23. y may not alias
 * sums. */
struct ea_squeeze_mean_s8 {
    int32_t channels;
    int32_t input_offset; /* minus the zero point of every value summed */
    int32_t multiplier;
    int32_t addend;
    int32_t right;
};

/* y[c] = clamp(sums[c] / count, low, high), rounded to nearest, halves away from zero: the average of each channel under
 * its own scale. sums: int32, of at most 2^23 values each. y may not alias sums. */
struct ea_squeeze_average_s8 {
    int32_t channels;
    int32_t count;
    int32_t low;
    int32_t high;
};

/* y[c] = clamp(maxima[c], low, high), in place. */
struct ea_squeeze_max_s8 {
    int32_t channels;
    int32_t low;
    int32_t high;
};

/* One row of x * gate: y[i] = clamp(requantise_twice((x[i] + x_offset) * (gate[g] + gate_offset), multiplier, -right_shift)
 * + output_offset, -128, 127), where gate g is for `values` values from i = g * gate_step on, `value_step` apart: a
 * channel's in all columns, or a column's in all channels. right_shift: 1 to 10, so that all sums are int32. y may be x.
 * Nothing needs alignment. */
struct ea_excite_s8 {
    int32_t gates;
    int32_t gate_step;
    int32_t values;
    int32_t value_step;
    int32_t x_offset;
    int32_t gate_offset;
    int32_t multiplier;
    int32_t right_shift;
    int32_t output_offset;
};

#endif
