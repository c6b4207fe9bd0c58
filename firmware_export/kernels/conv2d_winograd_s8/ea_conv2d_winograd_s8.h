#ifndef EA_CONV2D_WINOGRAD_S8_H
#define EA_CONV2D_WINOGRAD_S8_H

#include <stdint.h>

#include "ea_dsp.h"

/* The same function as ea_conv2d_s8 to the byte, for kernels three columns wide, without stride or dilation along the row
 * and of one group: Winograd's F(4, 3) along the row. Four outputs of six inputs d take six products instead of twelve:
 *
 *   x0 = 4 d0 - 5 d2 + d4           w0 = 6 g0                    y0 = m0 + m1 + m2 + m3 + m4
 *   x1 = d4 - 4 d2 + (d3 - 4 d1)    w1 = -4 (g0 + g1 + g2)       y1 = m1 - m2 + 2 (m3 - m4)
 *   x2 = d4 - 4 d2 - (d3 - 4 d1)    w2 = -4 (g0 - g1 + g2)       y2 = m1 + m2 + 4 (m3 + m4)
 *   x3 = d4 - d2 + 2 (d3 - d1)      w3 = g0 + 2 g1 + 4 g2        y3 = m1 - m2 + 8 (m3 - m4) + m5
 *   x4 = d4 - d2 - 2 (d3 - d1)      w4 = g0 - 2 g1 + 4 g2
 *   x5 = 4 d1 - 5 d3 + d5           w5 = 24 g2                   m: sums of x * w over kernel rows and channels
 *
 * All are integers, x and w int16; y is 24 times the sum, which the inverse of 3 modulo 2^32 makes 8 times the sum.
 * Source: Lavin and Gray 2016, section 4.3.
 *
 * Input channels are rounded up to a multiple of 4: blocks. Of a block, channels 0 and 2 make one pair, 1 and 3 the next.
 * weights: [quad of output channels][position 0 to 5][kernel row][block][pair][channel of the quad][2]; zeros fill up.
 * Behind each quad's weights stand int32 of its channels, [4]{2 * bias, multiplier, addend, right}, as for
 * ea_conv2d_tiles_s8. |sum|: below 2^23. weights: 4-byte aligned. rows, y and padding: as for ea_conv2d_s8.
 * scratch: 96 bytes a block and kernel row, 224 more, and 24 a block and kernel row for copies at the edges; 4-byte
 * aligned. */
struct ea_conv2d_winograd_s8 {
    int32_t input_width;
    int32_t input_channels;
    int32_t output_width;
    int32_t output_channels;
    int32_t kernel_height;
    int32_t padding;
    int32_t input_zero_point;
    int32_t low;
    int32_t high;
    int32_t blocks; /* of a column */
    const int16_t *weights;
};

#endif
