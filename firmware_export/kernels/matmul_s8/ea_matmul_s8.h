#ifndef EA_MATMUL_S8_H
#define EA_MATMUL_S8_H

#include <stdint.h>

#include "ea_broadcast.h"

/* y[row][column] = clamp(requantise(bias[column] + sum over k of (a + a_offset) * (b + b_offset)) + output_offset, low, high)
 * for every pair of matrices that `batches` walks; its runs are whole products, `length` the elements of one.
 * a[row][k] lies at row * a_row_step + k * a_depth_step, b[k][column] at k * b_depth_step + column * b_column_step; b lies
 * together along one of its axes: one of its steps is 1. bias: NULL, or an int32 for each column.
 * ea_batch_matmul_s8 rounds twice, by multiplier (31 bits) and shift (-31 to 31, what it shifts out is lost);
 * ea_variable_fully_connected_s8 rounds once, by multiplier / 2^shift, shift 1 to 62, the product below 2^62.
 * y may not alias an input. Nothing needs alignment. Sums wrap in 32 bits. */
struct ea_matmul_s8 {
    const struct ea_broadcast *batches;
    int32_t rows;
    int32_t columns;
    int32_t depth;
    int32_t a_row_step;
    int32_t a_depth_step;
    int32_t b_column_step;
    int32_t b_depth_step;
    int32_t a_offset;
    int32_t b_offset;
    int32_t output_offset;
    int32_t low;
    int32_t high;
    const int32_t *bias;
    int64_t multiplier;
    int32_t shift;
};

/* How a kernel scales a sum. */
typedef int32_t ea_matmul_scale_fn(const struct ea_matmul_s8 *p, uint32_t sum);

#endif
