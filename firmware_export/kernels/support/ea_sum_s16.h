#ifndef EA_SUM_S16_H
#define EA_SUM_S16_H

#include "ea_language.h"

#include <stdint.h>

#define EA_PRODUCTS_S16 511 /* of int16 and int8 that an int32 is sure to hold */

/* x . w over `count` values, exactly; in 32 bits as long as they hold it. */
EA_INLINE int64_t ea_dot_s16(const int16_t *x, const int8_t *w, int32_t count)
{
    int64_t sum = 0;
    while (count > 0) {
        const int32_t part = count < EA_PRODUCTS_S16 ? count : EA_PRODUCTS_S16;
        int32_t products = 0;
        for (int32_t i = 0; i < part; i++)
            products += x[i] * w[i];
        sum += products;
        x += part;
        w += part;
        count -= part;
    }
    return sum;
}

/* sum * multiplier / 2^right, rounded once to nearest, halves up. multiplier: 0 to 32767; right: 8 to 46; |sum|: below
 * 2^47; the result: int32. */
EA_INLINE int32_t ea_requantise_wide(int64_t sum, int32_t multiplier, int32_t right)
{
    return (int32_t)((sum * multiplier + ((int64_t)1 << (right - 1))) >> right);
}

/* The number of bits that a value needs. */
EA_INLINE int32_t ea_bits(uint64_t value)
{
    int32_t bits = value == 0 ? 0 : 1;
    for (int32_t step = 32; step > 0; step /= 2) {
        if (value >> step == 0)
            continue;
        value >>= step;
        bits += step;
    }
    return bits;
}

/* What float64 makes of magnitude * mantissa / 2^right, rounded to nearest, halves up: the product's own rounding to 53
 * bits may lift what is just below a half. magnitude: below 2^42; mantissa: below 2^53; right: 33 to 95. */
EA_INLINE int64_t ea_scale_magnitude(uint64_t magnitude, uint64_t mantissa, int32_t right)
{
    const uint64_t word = 0xffffffffu;
    const uint64_t low = (magnitude & word) * (mantissa & word);
    const uint64_t middle = (magnitude >> 32) * (mantissa & word) + (magnitude & word) * (mantissa >> 32);
    uint64_t high = (((magnitude >> 32) * (mantissa >> 32)) << 32) + middle + (low >> 32); /* of the product / 2^32 */
    uint64_t rest = low & word;
    const int32_t bits = ea_bits(high) + 32;
    if (bits >= 86)
        high += (uint64_t)1 << (bits - 86);
    else if (bits >= 54)
        rest += (uint64_t)1 << (bits - 54);
    high += (rest >> 32) + ((uint64_t)1 << (right - 33));
    return (int64_t)(high >> (right - 32));
}

/* round(float64(sum) * scale), halves away from zero, with scale = mantissa / 2^right. The result: int32. */
EA_INLINE int32_t ea_requantise_float64(int64_t sum, int64_t mantissa, int32_t right)
{
    if (sum < 0)
        return (int32_t)-ea_scale_magnitude((uint64_t)-sum, (uint64_t)mantissa, right);
    return (int32_t)ea_scale_magnitude((uint64_t)sum, (uint64_t)mantissa, right);
}

#endif
