#ifndef EA_DEPTHWISE_CONV2D_PAIRS_S8_H
#define EA_DEPTHWISE_CONV2D_PAIRS_S8_H

#include <stdint.h>

#define EA_PAIRS_CHANNELS 4 /* side by side in scratch */
#define EA_PAIRS_NUMBERS 9  /* of a channel */

/* y[c] = clamp(sat8(requantise_twice(bias + sum over k, column of x[c] * weights[k][column][c], multiplier, -right)
 *              + output_zero_point), low, high): a 3x3 filter over each channel, columns side by side.
 * rows: 3 rows [input_width][channels]; y: [output_width][channels], may not alias a row. Nothing but scratch needs
 * alignment. A column outside the image counts as the zero point; so does a row, which the caller gives as a row of them.
 *
 * numbers: [channel]{weights of kernel column 0, 1, 2 as pairs of rows 0 and 1; of row 2 as pairs of columns 0 and 1, 1
 * and 2; bias; multiplier; addend; right}. A pair is two int16, the first one lower; weights and bias are doubled. The bias
 * holds the input's zero point, the addend half of 2^right and the output's zero point. A doubled sum fits int32.
 * right: 1 to 22.
 *
 * scratch: 4-byte aligned, [columns of the window / 2][4 channels]{rows 0 and 1 of the first column, of the second; row 2
 * of both}, as pairs; one such block more than the windows of a row touch. */
struct ea_depthwise_conv2d_pairs_s8 {
    int32_t input_width;
    int32_t channels; /* at least 4 */
    int32_t output_width;
    int32_t stride; /* 1 or 2 */
    int32_t padding;
    int32_t input_zero_point;
    int32_t low;
    int32_t high;
    const int32_t *numbers;
};

#endif
