#ifndef EA_DEPTHWISE_PAIRS_H
#define EA_DEPTHWISE_PAIRS_H

#include "ea_depthwise_conv2d_pairs_s8.h"
#include "ea_dsp.h"
#include "ea_language.h"
#include "ea_requantise.h"

#include <stdint.h>

#define EA_PAIRS_PLANES 3 /* two rows each */
#define EA_PAIRS_COLUMN (EA_PAIRS_CHANNELS * EA_PAIRS_PLANES)

/* Two rows of all channels, or four. What nobody wants, below the last row or between rows two apart, goes where the row
 * above goes, and is written before it. The assembly knows the order of the fields. */
struct ea_depthwise_pairs {
    int32_t channels;  /* from one column to the next */
    int32_t below[2];  /* from the first row to the second, from the third to the fourth */
    int32_t third;     /* from the first row to the third; 0: there is none */
    int32_t after_two; /* from two outputs of the last two rows to the next ones of the first two */
    int32_t is_odd;    /* the number of columns */
    int32_t all;       /* bytes of a row of y */
    int32_t all_x;     /* bytes of x that the outputs of a row pass */
    const uint32_t *x;
    int8_t *y;
    const int32_t *numbers;
    int32_t last;   /* the first of the last four channels: they may have been computed in part */
    int32_t before; /* from the ends of the rows of x to their first column: not positive */
    uint32_t *to;   /* where the first column goes */
    const int8_t *ends[2 * EA_PAIRS_PLANES];
};

/* Up to four rows of y. Columns outside the image are written; those inside are packed for four channels at a time. */
EA_INLINE void ea_depthwise_pairs_begin(
    const struct ea_depthwise_conv2d_pairs_s8 *p, const int8_t *const rows[], int32_t count, int8_t *y,
    uint32_t *scratch, struct ea_depthwise_pairs *run)
{
    const int32_t columns = p->output_width + 2, row = p->output_width * p->channels;
    const int32_t room = columns > p->padding ? columns - p->padding : 0;
    const int32_t inside = p->input_width < room ? p->input_width : room;
    const int32_t last = count > 1 ? (count - 1) * p->row_stride + 2 : 2; /* of the rows of x */
    const uint32_t outside = ((uint32_t)p->input_zero_point & 0xffffu) * 0x10001u;
    for (int32_t i = 0; i < columns; i++)
        if (i < p->padding || i >= p->padding + inside)
            for (int32_t k = 0; k < EA_PAIRS_COLUMN; k++)
                scratch[i * EA_PAIRS_COLUMN + k] = outside;
    run->channels = p->channels;
    run->below[0] = count > 1 && p->row_stride == 1 ? row : 0;
    run->below[1] = count > 3 ? row : 0;
    run->third = run->below[0] != 0 ? (count > 2 ? 2 * row : 0) : (count > 1 ? row : 0);
    run->after_two = 2 * p->channels - run->third;
    run->is_odd = p->output_width & 1;
    run->all = row;
    run->all_x = p->output_width * EA_PAIRS_COLUMN * 4;
    run->x = scratch;
    run->y = y;
    run->numbers = p->numbers;
    run->last = p->channels - EA_PAIRS_CHANNELS;
    run->before = -inside * p->channels;
    run->to = scratch + (inside > 0 ? p->padding * EA_PAIRS_COLUMN : 0);
    for (int32_t i = 0; i < 2 * EA_PAIRS_PLANES; i++)
        run->ends[i] = rows[i < last ? i : last] + inside * p->channels;
}

EA_INLINE void ea_depthwise_pairs_clamp(const struct ea_depthwise_conv2d_pairs_s8 *p, int32_t count, int8_t *y)
{
    if (p->low == -128 && p->high == 127)
        return;
    for (int32_t i = 0; i < count * p->output_width * p->channels; i++)
        y[i] = (int8_t)ea_clamp(y[i], p->low, p->high);
}

#if EA_HAS_DSP

/* On the stack: bias, multiplier, addend, right (0); the struct: channels (16), below (20, 24), third (28), after_two (32),
 * is_odd (36), all (40), all_x (44), x (48), y (52), numbers (56), last (60), before (64), to (68), ends (72); where y
 * ends (96); numbers of the channel (100); twice the channels left, and is_odd (104); the first of four channels (108). */

/* Four channels of two rows become pairs. r2: from the ends of the rows; r12: to. */
#define EA_PAIRS_PACK_ROWS(a, b, plane)                                                                                \
    "ldr r4, [" #a ", r2]\n"                                                                                           \
    "ldr r5, [" #b ", r2]\n"                                                                                           \
    "pkhbt r6, r4, r5, lsl #16\n"                                                                                      \
    "pkhtb r7, r5, r4, asr #16\n"                                                                                      \
    "sxtb16 r4, r6\n"                                                                                                  \
    "sxtb16 r5, r6, ror #8\n"                                                                                          \
    "sxtb16 r6, r7\n"                                                                                                  \
    "sxtb16 r7, r7, ror #8\n"                                                                                          \
    "str r4, [r12, #" #plane "]\n"                                                                                     \
    "str r5, [r12, #12 + " #plane "]\n"                                                                                \
    "str r6, [r12, #24 + " #plane "]\n"                                                                                \
    "str r7, [r12, #36 + " #plane "]\n"

#define EA_PAIRS_PACK_NEXT                                                                                             \
    "adds r2, r2, r3\n"                                                                                                \
    "add r12, r12, #48\n"                                                                                              \
    "bne 1b\n"                                                                                                         \
    "2:\n"

/* Six rows of the columns inside the image. r0: the first channel; r3: from one column to the next. */
#define EA_PAIRS_PACK                                                                                                  \
    "ldr r2, [sp, #64]\n"                                                                                              \
    "ldr r3, [sp, #16]\n"                                                                                              \
    "ldr r12, [sp, #68]\n"                                                                                             \
    "cmp r2, #0\n"                                                                                                     \
    "beq 2f\n"                                                                                                         \
    "add r1, sp, #72\n"                                                                                                \
    "ldm r1, {r1, r9, r10, r11, lr}\n"                                                                                 \
    "add r1, r1, r0\n"                                                                                                 \
    "add r9, r9, r0\n"                                                                                                 \
    "add r10, r10, r0\n"                                                                                               \
    "add r11, r11, r0\n"                                                                                               \
    "add lr, lr, r0\n"                                                                                                 \
    "ldr r4, [sp, #92]\n"                                                                                              \
    "add r0, r0, r4\n"                                                                                                 \
    "1:\n" EA_PAIRS_PACK_ROWS(r1, r9, 0) EA_PAIRS_PACK_ROWS(r10, r11, 4) EA_PAIRS_PACK_ROWS(lr, r0, 8)                 \
        EA_PAIRS_PACK_NEXT

/* The struct goes onto the stack, and rows of the first or the next four channels into scratch. */
#define EA_PAIRS_BEGIN                                                                                                 \
    "push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"                                                                    \
    "sub sp, #112\n"                                                                                                   \
    "add r1, sp, #16\n"                                                                                                \
    ".rept 2\n"                                                                                                        \
    "ldm r0!, {r2, r3, r4, r5, r6, r7, r8, r9, r10, r11}\n"                                                            \
    "stm r1!, {r2, r3, r4, r5, r6, r7, r8, r9, r10, r11}\n"                                                            \
    ".endr\n"                                                                                                          \
    "movs r0, #0\n"                                                                                                    \
    "9:\n"                                                                                                             \
    "str r0, [sp, #108]\n" EA_PAIRS_PACK

/* A channel. r0: x. r1: y. r4 to r6: weights of rows 0 and 1, r7 to r9: of rows 1 and 2. r10: first output, r11: the one
 * below it; r12 and lr: those to their right, or further below. r2, r3: what comes and goes. */
#define EA_PAIRS_START(bytes)                                                                                          \
    "ldr r1, [sp, #108]\n"                                                                                             \
    "ldr r2, [sp, #56]\n"                                                                                              \
    "ldr r0, [sp, #48]\n"                                                                                              \
    "ldr r4, [sp, #52]\n"                                                                                              \
    "ldr r5, [sp, #40]\n"                                                                                              \
    "ldr r6, [sp, #36]\n"                                                                                              \
    "movs r3, #" #bytes "\n"                                                                                           \
    "mla r2, r1, r3, r2\n"                                                                                             \
    "add r1, r1, r4\n"                                                                                                 \
    "add r3, r6, #6\n"                                                                                                 \
    "add r5, r5, r1\n"                                                                                                 \
    "str r5, [sp, #96]\n"                                                                                              \
    "1:\n"                                                                                                             \
    "str r3, [sp, #104]\n"

/* Whether there is one column that is computed alone. */
#define EA_PAIRS_IS_ODD                                                                                                \
    "str r2, [sp, #100]\n"                                                                                             \
    "tst r3, #1\n"                                                                                                     \
    "beq 3f\n"                                                                                                         \
    "ldr lr, [sp]\n"

#define EA_PAIRS_LOAD(at)                                                                                              \
    "ldr r2, [r0, #" #at "]\n"                                                                                         \
    "ldr r3, [r0, #" #at " + 4]\n"

/* What two pairs of rows, r2 and r3, add to two outputs, one below the other, from sums so far. */
#define EA_PAIRS_ADD(above, below, first, second, so_far_above, so_far_below)                                          \
    "smlad " #above ", r2, " #first ", " #so_far_above "\n"                                                            \
    "smlatb " #below ", r2, " #first ", " #so_far_below "\n"                                                           \
    "smlabt " #above ", r3, " #second ", " #above "\n"                                                                 \
    "smlad " #below ", r3, " #second ", " #below "\n"

/* What a column of six rows adds to four outputs, one below the other. */
#define EA_PAIRS_FOUR(at, first, second, so_far_first, so_far_second, so_far_third, so_far_fourth)                     \
    EA_PAIRS_LOAD(at)                                                                                                  \
    EA_PAIRS_ADD(r10, r11, first, second, so_far_first, so_far_second)                                                 \
    "ldr r2, [r0, #" #at " + 8]\n"                                                                                     \
    "smlad r12, r3, " #first ", " #so_far_third "\n"                                                                   \
    "smlatb lr, r3, " #first ", " #so_far_fourth "\n"                                                                  \
    "smlabt r12, r2, " #second ", r12\n"                                                                               \
    "smlad lr, r2, " #second ", lr\n"

#define EA_PAIRS_ONE_COLUMN                                                                                            \
    EA_PAIRS_FOUR(0, r4, r7, lr, lr, lr, lr)                                                                           \
    EA_PAIRS_FOUR(48, r5, r8, r10, r11, r12, lr)                                                                       \
    EA_PAIRS_FOUR(96, r6, r9, r10, r11, r12, lr)

#define EA_PAIRS_THIRD_ROW                                                                                             \
    "ldr r3, [sp, #28]\n"                                                                                              \
    "ldr r2, [sp, #24]\n"                                                                                              \
    "add r3, r3, r1\n"

#define EA_PAIRS_STORE_COLUMN                                                                                          \
    "strb lr, [r3, r2]\n"                                                                                              \
    "strb r12, [r3]\n"                                                                                                 \
    "ldr r3, [sp, #20]\n"                                                                                              \
    "ldr r2, [sp, #16]\n"                                                                                              \
    "ldr r12, [sp, #96]\n"                                                                                             \
    "strb r11, [r1, r3]\n"                                                                                             \
    "strb r10, [r1]\n"                                                                                                 \
    "add r1, r1, r2\n"                                                                                                 \
    "add r0, r0, #48\n"                                                                                                \
    "cmp r1, r12\n"                                                                                                    \
    "beq 5f\n"

/* Two columns of two rows, and again of the two rows below. */
#define EA_PAIRS_TWO_COLUMNS                                                                                           \
    "3:\n"                                                                                                             \
    ".irp p, 0, 4\n"                                                                                                   \
    "ldr lr, [sp]\n" EA_PAIRS_LOAD(\\p) EA_PAIRS_ADD(r10, r11, r4, r7, lr, lr) EA_PAIRS_LOAD(48 + \\p)                 \
        EA_PAIRS_ADD(r10, r11, r5, r8, r10, r11) EA_PAIRS_ADD(r12, lr, r4, r7, lr, lr) EA_PAIRS_LOAD(96 + \\p)         \
            EA_PAIRS_ADD(r10, r11, r6, r9, r10, r11) EA_PAIRS_ADD(r12, lr, r5, r8, r12, lr) EA_PAIRS_LOAD(144 + \\p)   \
                EA_PAIRS_ADD(r12, lr, r6, r9, r12, lr)

#define EA_PAIRS_STORE_LEFT                                                                                            \
    "ldr r3, [sp, #20 + \\p]\n"                                                                                        \
    "ldr r2, [sp, #16]\n"                                                                                              \
    "strb r11, [r1, r3]\n"                                                                                             \
    "strb r10, [r1]\n"                                                                                                 \
    "add r10, r1, r2\n"

#define EA_PAIRS_STORE_RIGHT                                                                                           \
    "strb lr, [r10, r3]\n"                                                                                             \
    "strb r12, [r10]\n"                                                                                                \
    ".if \\p == 0\n"                                                                                                   \
    "ldr r2, [sp, #28]\n"                                                                                              \
    "cmp r2, #0\n"                                                                                                     \
    "beq 4f\n"                                                                                                         \
    "add r1, r1, r2\n"                                                                                                 \
    ".endif\n"                                                                                                         \
    ".endr\n"                                                                                                          \
    "4:\n"                                                                                                             \
    "ldr r2, [sp, #32]\n"                                                                                              \
    "ldr r3, [sp, #96]\n"                                                                                              \
    "add r1, r1, r2\n"                                                                                                 \
    "add r0, r0, #96\n"                                                                                                \
    "cmp r1, r3\n"                                                                                                     \
    "bne 3b\n"

/* The next channel, or the next four; or the end. */
#define EA_PAIRS_NEXT                                                                                                  \
    "5:\n"                                                                                                             \
    "ldr r3, [sp, #104]\n"                                                                                             \
    "ldr r4, [sp, #40]\n"                                                                                              \
    "ldr r5, [sp, #44]\n"                                                                                              \
    "ldr r2, [sp, #100]\n"                                                                                             \
    "add r1, r1, #1\n"                                                                                                 \
    "str r1, [sp, #96]\n"                                                                                              \
    "sub r1, r1, r4\n"                                                                                                 \
    "sub r0, r0, r5\n"                                                                                                 \
    "add r0, r0, #12\n"                                                                                                \
    "subs r3, r3, #2\n"                                                                                                \
    "bpl 1b\n"                                                                                                         \
    "ldr r0, [sp, #108]\n"                                                                                             \
    "ldr r2, [sp, #60]\n"                                                                                              \
    "cmp r0, r2\n"                                                                                                     \
    "beq 6f\n"                                                                                                         \
    "adds r0, r0, #4\n"                                                                                                \
    "cmp r0, r2\n"                                                                                                     \
    "it gt\n"                                                                                                          \
    "movgt r0, r2\n"                                                                                                   \
    "b 9b\n"                                                                                                           \
    "6:\n"                                                                                                             \
    "add sp, #112\n"                                                                                                   \
    "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n"

/* `bytes`: of a channel's numbers; `numbers`: they are loaded, and saved where no register is left. `scale` of outputs in
 * pairs, and `narrow`: what is left to do. */
#define EA_PAIRS_FOUR_CHANNELS(bytes, numbers, scale, narrow)                                                          \
    EA_PAIRS_START(bytes)                                                                                              \
    numbers EA_PAIRS_IS_ODD EA_PAIRS_ONE_COLUMN scale(r10, r11) scale(r12, lr) EA_PAIRS_THIRD_ROW narrow(r12, lr)      \
        narrow(r10, r11) EA_PAIRS_STORE_COLUMN EA_PAIRS_TWO_COLUMNS                                                    \
        scale(r10, r11) scale(r12, lr) narrow(r10, r11) EA_PAIRS_STORE_LEFT                                            \
        narrow(r12, lr)                                                                                                \
    EA_PAIRS_STORE_RIGHT EA_PAIRS_NEXT

#else

/* Four channels of two rows as pairs, into a plane. */
EA_INLINE void ea_pairs_pack_column(uint32_t a, uint32_t b, uint32_t *to)
{
    const uint32_t first = (a & 0xffffu) | b << 16, second = a >> 16 | (b & 0xffff0000u);
    to[0] = ea_even_bytes(first);
    to[EA_PAIRS_PLANES] = ea_odd_bytes(first);
    to[2 * EA_PAIRS_PLANES] = ea_even_bytes(second);
    to[3 * EA_PAIRS_PLANES] = ea_odd_bytes(second);
}

EA_INLINE void ea_pairs_pack(const struct ea_depthwise_pairs *run, int32_t channel)
{
    for (int32_t k = 0; k < EA_PAIRS_PLANES; k++) {
        uint32_t *to = run->to + k;
        for (int32_t i = run->before; i < 0; i += run->channels, to += EA_PAIRS_COLUMN)
            ea_pairs_pack_column(
                ea_word_at(run->ends[2 * k] + channel + i), ea_word_at(run->ends[2 * k + 1] + channel + i), to);
    }
}

/* The sum of two pairs' products. */
EA_INLINE int32_t ea_pairs_product(uint32_t a, uint32_t b)
{
    const int32_t low = (int16_t)(a & 0xffffu) * (int16_t)(b & 0xffffu);
    return low + (int16_t)(a >> 16) * (int16_t)(b >> 16);
}

/* The sum under the window over row `row` and column 0 of x, before it is scaled. */
EA_INLINE int32_t ea_pairs_sum(const uint32_t *x, int32_t row, const int32_t *numbers)
{
    int32_t sum = numbers[6];
    for (int32_t k = 0; k < 3; k++, x += EA_PAIRS_COLUMN) {
        const uint32_t above = x[row >> 1], below = x[(row >> 1) + 1];
        const uint32_t first = (uint32_t)numbers[k], second = (uint32_t)numbers[k + 3];
        if (row & 1)
            sum += ea_pairs_product(above & 0xffff0000u, first << 16) + ea_pairs_product(below, second);
        else
            sum += ea_pairs_product(above, first) + ea_pairs_product(below << 16, second);
    }
    return sum;
}

typedef int32_t (*ea_pairs_scale)(int32_t sum, const int32_t *numbers);

/* A channel's outputs in all rows. */
EA_INLINE void ea_pairs_channel(
    const struct ea_depthwise_pairs *run, const uint32_t *x, int8_t *y, const int32_t *numbers, ea_pairs_scale scale)
{
    const int32_t starts[EA_PAIRS_ROWS] = {0, run->below[0], run->third, run->third + run->below[1]};
    for (int32_t row = run->third ? 3 : 1; row >= 0; row--) {
        const uint32_t *column = x;
        for (int32_t at = 0; at < run->all; at += run->channels, column += EA_PAIRS_COLUMN)
            y[starts[row] + at] = (int8_t)ea_clamp(scale(ea_pairs_sum(column, row, numbers), numbers), -128, 127);
    }
}

EA_INLINE void ea_pairs_every(const struct ea_depthwise_pairs *run, int32_t size, ea_pairs_scale scale)
{
    for (int32_t first = 0; first < run->last + EA_PAIRS_CHANNELS; first += EA_PAIRS_CHANNELS) {
        const int32_t channel = first < run->last ? first : run->last;
        ea_pairs_pack(run, channel);
        for (int32_t c = 0; c < EA_PAIRS_CHANNELS; c++)
            ea_pairs_channel(
                run, run->x + c * EA_PAIRS_PLANES, run->y + channel + c, run->numbers + (channel + c) * size, scale);
    }
}

#endif

#endif
