#ifndef EA_DEPTHWISE_CONV2D_PAIRS_S8_H
#define EA_DEPTHWISE_CONV2D_PAIRS_S8_H

#include <stdint.h>

#define EA_PAIRS_CHANNELS 4 /* side by side in scratch */
#define EA_PAIRS_ROWS 4     /* of the output that one call computes at most */

/* y[r][c] = clamp(sat8(requantise_twice(bias + sum over k, column of x[r + k][c] * weights[k][column][c], multiplier,
 *                -right) + output_zero_point), low, high): a 3x3 filter over each channel, columns side by side.
 * rows: those under the first row of y, one below the other, [input_width][channels]: 3, and `row_stride` more for each
 * further row; y: as many rows as are left, at most `rows`, [output_width][channels], may not alias a row. Nothing but scratch
 * needs alignment. A column outside the image counts as the zero point; so does a row, which the caller gives as a row
 * of them.
 *
 * numbers: [channel]{weights of kernel column 0, 1, 2 as pairs of rows 0 and 1; the same of rows 1 and 2; bias;
 * multiplier; addend[; right]}. A pair is two int16, the first one lower. The bias holds the input's zero point.
 *
 * As the reference rounds: weights and bias are doubled, and a doubled sum fits int32; the addend holds half of 2^right
 * and the output's zero point; right: 1 to 22. Rectified, where `low` is not below the output's zero point, so that
 * negative sums may be rounded in either way: weights and bias are multiplied by a power of two such that one shift
 * serves all channels, and no `right` is there.
 *
 * scratch: 4-byte aligned, [output_width + 2][4 channels][3]: pairs of rows 0 and 1, 2 and 3, 4 and 5. */
struct ea_depthwise_conv2d_pairs_s8 {
    int32_t input_width;
    int32_t channels; /* at least 4 */
    int32_t output_width;
    int32_t padding;
    int32_t rows;       /* that a call computes at most: 1 to 4, or 2 where they lie two apart */
    int32_t row_stride; /* 1 or 2; any where a call computes one row */
    int32_t input_zero_point;
    int32_t low;
    int32_t high;
    const int32_t *numbers;
};

#endif
