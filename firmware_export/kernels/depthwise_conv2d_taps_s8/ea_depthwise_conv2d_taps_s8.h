#ifndef EA_DEPTHWISE_CONV2D_TAPS_S8_H
#define EA_DEPTHWISE_CONV2D_TAPS_S8_H

#include <stdint.h>

#define EA_TAPS_CHANNELS 4 /* together */

/* y[c] = clamp(sat8(requantise_twice(bias + sum over k, column of x[c] * weights[k][column][c], multiplier, -right)
 *              + output_zero_point), low, high): any filter over each channel.
 * rows: kernel_height rows [input_width][channels]; y: [output_width][channels], may not alias a row. Nothing but scratch
 * needs alignment. A column outside the image is `outside`, channels zero points; so is a row, which the caller gives as
 * a row of them.
 *
 * numbers: [four channels; the last four may lie over those before]{4 biases; [kernel row][kernel column]{weights of
 * channels 0 and 2, of 1 and 3}; [4]{multiplier; addend; right}}. Weights are two int16, the first one lower; they and the
 * bias are doubled. The bias holds the input's zero point, the addend half of 2^right and the output's zero point. A
 * doubled sum fits int32. right: 1 to 22.
 *
 * scratch: aligned for pointers, two of them for each weight of a channel. */
struct ea_depthwise_conv2d_taps_s8 {
    int32_t input_width;
    int32_t channels; /* at least 4 */
    int32_t output_width;
    int32_t kernel_height;
    int32_t kernel_width;
    int32_t stride;
    int32_t dilation;
    int32_t padding;
    int32_t low;
    int32_t high;
    const int8_t *outside;
    const int32_t *numbers;
};

#endif
