#ifndef EA_DEPTHWISE_OCTET_H
#define EA_DEPTHWISE_OCTET_H

#include "ea_columns.h"
#include "ea_depthwise_vectors_s8.h"
#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_vectors.h"

#include <stdint.h>

#define EA_OCTET 8
#define EA_OCTET_NUMBERS 24

#if EA_HAS_VECTORS

/* Sums of channels 0, 2, 4, 6 and of 1, 3, 5, 7. */
struct ea_octet_sums {
    int32x4_t even;
    int32x4_t odd;
};

EA_VECTOR_INLINE struct ea_octet_sums ea_octet_add(struct ea_octet_sums sums, int16x8_t products)
{
    sums.even = vaddq_s32(sums.even, vmovlbq_s16(products));
    sums.odd = vaddq_s32(sums.odd, vmovltq_s16(products));
    return sums;
}

EA_VECTOR_INLINE int16x8_t ea_octet_product(const int8_t *x, const int8_t *w)
{
    return vmulq_s16(vldrbq_s16(x), vldrbq_s16(w));
}

/* One kernel row: two products fit int16. The count stays out of the loop: GCC 12 forgets what it is after one that
 * counts it down. */
EA_VECTOR_INLINE struct ea_octet_sums ea_octet_row(
    struct ea_octet_sums sums, const int8_t *x, const int8_t *w, int32_t step, int32_t count)
{
    for (int32_t i = 1; i < count; i += 2, x += 2 * step, w += 2 * EA_OCTET)
        sums = ea_octet_add(sums, vaddq_s16(ea_octet_product(x, w), ea_octet_product(x + step, w + EA_OCTET)));
    return (count & 1) != 0 ? ea_octet_add(sums, ea_octet_product(x, w)) : sums;
}

/* A kernel of 3 x 3 that lies inside: x are its rows. */
EA_VECTOR_INLINE struct ea_octet_sums ea_octet_nine(
    struct ea_octet_sums sums, const int8_t *const rows[], int32_t at, const int8_t *w, int32_t step)
{
    const int8_t *const x0 = rows[0] + at, *const x1 = rows[1] + at, *const x2 = rows[2] + at;
    sums = ea_octet_add(sums, vaddq_s16(ea_octet_product(x0, w), ea_octet_product(x0 + step, w + 8)));
    sums = ea_octet_add(sums, vaddq_s16(ea_octet_product(x0 + 2 * step, w + 16), ea_octet_product(x1, w + 24)));
    sums = ea_octet_add(sums, vaddq_s16(ea_octet_product(x1 + step, w + 32), ea_octet_product(x1 + 2 * step, w + 40)));
    sums = ea_octet_add(sums, vaddq_s16(ea_octet_product(x2, w + 48), ea_octet_product(x2 + step, w + 56)));
    return ea_octet_add(sums, ea_octet_product(x2 + 2 * step, w + 64));
}

/* Columns outside count as zero points. */
EA_VECTOR_INLINE struct ea_octet_sums ea_octet_outside(
    struct ea_octet_sums sums, const struct ea_depthwise_vectors_s8 *p, struct ea_columns inside, const int8_t *w)
{
    for (int32_t k = 0; k < p->kernel_height; k++)
        for (int32_t i = 0; i < p->kernel_width; i++, w += EA_OCTET)
            if (i < inside.first || i >= inside.first + inside.count)
                sums = ea_octet_add(sums, vmulq_n_s16(vldrbq_s16(w), (int16_t)p->input_zero_point));
    return sums;
}

/* Rounding shifts round halves up: a negative value is lowered by one before, so that its halves go down. */
EA_VECTOR_INLINE int32x4_t ea_octet_requantise(int32x4_t sums, const int32_t *numbers)
{
    const int32x4_t scaled = vqrdmulhq_s32(sums, vldrwq_s32(numbers + EA_OCTET));
    return vrshlq_s32(vaddq_s32(scaled, vshrq_n_s32(scaled, 31)), vldrwq_s32(numbers + 2 * EA_OCTET));
}

EA_VECTOR_INLINE void ea_depthwise_octet(
    const struct ea_depthwise_vectors_s8 *p, const int8_t *const rows[], struct ea_columns inside, int32_t channel,
    const int8_t *w, const int32_t *numbers, int8_t *y)
{
    const int32_t at = inside.column * p->channels + channel;
    const int32_t step = p->dilation * p->channels;
    struct ea_octet_sums sums = {vldrwq_s32(numbers), vldrwq_s32(numbers + 4)};
    if (inside.count == 3 && p->kernel_width == 3 && p->kernel_height == 3) {
        sums = ea_octet_nine(sums, rows, at, w, step);
    } else {
        const int8_t *const first = w + inside.first * EA_OCTET;
        for (int32_t k = 0; k < p->kernel_height; k++)
            sums = ea_octet_row(sums, rows[k] + at, first + k * p->kernel_width * EA_OCTET, step, inside.count);
        if (inside.count < p->kernel_width)
            sums = ea_octet_outside(sums, p, inside, w);
    }
    int16x8_t scaled = vdupq_n_s16(0);
    scaled = vqmovnbq_s32(scaled, ea_octet_requantise(sums.even, numbers));
    scaled = vqmovntq_s32(scaled, ea_octet_requantise(sums.odd, numbers + 4));
    scaled = vqaddq_n_s16(scaled, (int16_t)p->output_offset);
    scaled = vmaxq_s16(scaled, vdupq_n_s16((int16_t)p->low));
    vstrbq_s16(y, vminq_s16(scaled, vdupq_n_s16((int16_t)p->high)));
}

#else

/* The sum of channel c of an octet. */
EA_INLINE int32_t ea_octet_sum(
    const struct ea_depthwise_vectors_s8 *p, const int8_t *const rows[], struct ea_columns inside, int32_t c,
    const int8_t *w)
{
    int32_t sum = 0;
    for (int32_t k = 0; k < p->kernel_height; k++) {
        for (int32_t i = 0; i < p->kernel_width; i++, w += EA_OCTET) {
            const int32_t column = inside.column + (i - inside.first) * p->dilation;
            const int is_inside = i >= inside.first && i < inside.first + inside.count;
            sum += (is_inside ? rows[k][column * p->channels + c] : p->input_zero_point) * *w;
        }
    }
    return sum;
}

EA_INLINE void ea_depthwise_octet(
    const struct ea_depthwise_vectors_s8 *p, const int8_t *const rows[], struct ea_columns inside, int32_t channel,
    const int8_t *w, const int32_t *numbers, int8_t *y)
{
    for (int32_t c = 0; c < EA_OCTET; c++) {
        const int32_t *const own = numbers + c % 2 * 4 + c / 2;
        const int32_t sum = own[0] + ea_octet_sum(p, rows, inside, channel + c, w + c);
        const int32_t scaled = ea_requantise_twice(sum, own[EA_OCTET], own[2 * EA_OCTET]);
        y[c] = (int8_t)ea_clamp(scaled + p->output_offset, p->low, p->high);
    }
}

#endif

#endif
