#ifndef EA_MATMUL_PRODUCTS_H
#define EA_MATMUL_PRODUCTS_H

#include "ea_language.h"
#include "ea_matmul_s8.h"
#include "ea_requantise.h"

/* A helper that is called, not inlined: its loop then has all registers, and kernels share it. */
#if defined(__GNUC__)
#define EA_CALLED static __attribute__((noinline, unused))
#else
#define EA_CALLED static
#endif

/* The sums of one row of a and four columns of b. */
struct ea_matmul_sums {
    uint32_t sum[4];
};

/* Of (a + a_offset) * b, where the columns of b lie side by side. */
EA_CALLED struct ea_matmul_sums ea_matmul_four_across(const struct ea_matmul_s8 *p, const int8_t *a, const int8_t *b)
{
    const int32_t offset = p->a_offset;
    const int32_t a_step = p->a_depth_step;
    const int32_t b_step = p->b_depth_step;
    struct ea_matmul_sums y = {{0, 0, 0, 0}};
    for (int32_t k = p->depth; k > 0; k--, a += a_step, b += b_step) {
        const int32_t x = *a + offset;
        y.sum[0] += (uint32_t)(x * b[0]);
        y.sum[1] += (uint32_t)(x * b[1]);
        y.sum[2] += (uint32_t)(x * b[2]);
        y.sum[3] += (uint32_t)(x * b[3]);
    }
    return y;
}

/* The same where each column of b lies together. */
EA_CALLED struct ea_matmul_sums ea_matmul_four_along(const struct ea_matmul_s8 *p, const int8_t *a, const int8_t *b)
{
    const int8_t *const b1 = b + p->b_column_step;
    const int8_t *const b2 = b1 + p->b_column_step;
    const int8_t *const b3 = b2 + p->b_column_step;
    const int32_t offset = p->a_offset;
    const int32_t a_step = p->a_depth_step;
    const int32_t depth = p->depth;
    struct ea_matmul_sums y = {{0, 0, 0, 0}};
    for (int32_t k = 0; k < depth; k++, a += a_step) {
        const int32_t x = *a + offset;
        y.sum[0] += (uint32_t)(x * b[k]);
        y.sum[1] += (uint32_t)(x * b1[k]);
        y.sum[2] += (uint32_t)(x * b2[k]);
        y.sum[3] += (uint32_t)(x * b3[k]);
    }
    return y;
}

/* The whole sum of one row and one column. */
EA_INLINE uint32_t ea_matmul_one(const struct ea_matmul_s8 *p, const int8_t *a, const int8_t *b)
{
    const int32_t a_offset = p->a_offset;
    const int32_t b_offset = p->b_offset;
    const int32_t a_step = p->a_depth_step;
    const int32_t b_step = p->b_depth_step;
    uint32_t sum = 0;
    for (int32_t k = p->depth; k > 0; k--, a += a_step, b += b_step)
        sum += (uint32_t)((*a + a_offset) * (*b + b_offset));
    return sum;
}

/* What b_offset adds to every sum of a row: once a row, not once a product. */
EA_INLINE uint32_t ea_matmul_row_start(const struct ea_matmul_s8 *p, const int8_t *a)
{
    const int32_t offset = p->a_offset;
    const int32_t a_step = p->a_depth_step;
    uint32_t sum = 0;
    if (p->b_offset == 0 || p->columns < 4)
        return 0;
    for (int32_t k = p->depth; k > 0; k--, a += a_step)
        sum += (uint32_t)(*a + offset);
    return sum * (uint32_t)p->b_offset;
}

EA_INLINE int8_t ea_matmul_output(const struct ea_matmul_s8 *p, ea_matmul_scale_fn *scale, uint32_t sum, int32_t column)
{
    const uint32_t bias = p->bias == 0 ? 0u : (uint32_t)p->bias[column];
    return (int8_t)ea_clamp(ea_add(scale(p, sum + bias), p->output_offset), p->low, p->high);
}

/* One row of y: four columns at a time, then one. */
EA_INLINE void ea_matmul_row(
    const struct ea_matmul_s8 *p, ea_matmul_scale_fn *scale, const int8_t *a, const int8_t *b, int8_t *y)
{
    const uint32_t start = ea_matmul_row_start(p, a);
    int32_t column = 0;
    for (; column + 4 <= p->columns; column += 4, b += 4 * p->b_column_step) {
        const struct ea_matmul_sums four = p->b_depth_step == 1 ? ea_matmul_four_along(p, a, b)
                                                                : ea_matmul_four_across(p, a, b);
        for (int32_t i = 0; i < 4; i++)
            y[column + i] = ea_matmul_output(p, scale, start + four.sum[i], column + i);
    }
    for (; column < p->columns; column++, b += p->b_column_step)
        y[column] = ea_matmul_output(p, scale, ea_matmul_one(p, a, b), column);
}

/* Every product; `scale` is a constant where this is called, so that it is no call. */
EA_INLINE void ea_matmul_all(
    const struct ea_matmul_s8 *p, ea_matmul_scale_fn *scale, const int8_t *a, const int8_t *b, int8_t *y)
{
    struct ea_broadcast_run run = ea_broadcast_first(a, b);
    for (int32_t i = 0; i < p->batches->runs; i++) {
        for (int32_t row = 0; row < p->rows; row++, y += p->columns)
            ea_matmul_row(p, scale, run.a + row * p->a_row_step, run.b, y);
        ea_broadcast_next(p->batches, &run);
    }
}

#endif
