#ifndef EA_EXCITE_ROW_S8_C
#define EA_EXCITE_ROW_S8_C

#include "ea_language.h"
#include "ea_requantise.h"
#include "ea_squeeze_excite_s8.h"

#define EA_EXCITE_UP 14 /* bits: the product of two int8 and their offsets stays within int32 */

/* What one gate is for. raised: the gate, shifted up by EA_EXCITE_UP.
 *
 * It is requantise_twice without its branches. Of the product's upper half, `right` bits are the fraction. Rounding it
 * up to a whole number first, as the reference does, lets a positive value round up that is half of 2^-right_shift too
 * small, and a negative one round down: 2^(EA_EXCITE_UP - 2) in the fraction's units, added to one, taken from the other. */
EA_INLINE void ea_excite_values_s8_c(const struct ea_excite_s8 *p, const int8_t *x, int32_t raised, int8_t *y)
{
    const int32_t x_offset = p->x_offset;
    const int32_t multiplier = p->multiplier;
    const int32_t right = p->right_shift + EA_EXCITE_UP - 1;
    const int32_t half = (1 << (right - 1)) + (1 << (EA_EXCITE_UP - 2));
    const int32_t addend = half + p->output_offset * (1 << right);
    const int32_t step = p->value_step;
    for (int32_t left = p->values; left > 0; left--, x += step, y += step) {
        const int32_t product = (*x + x_offset) * raised;
        const int32_t negative = product >> 31; /* -1 or 0 */
        const int32_t scaled = (int32_t)(((int64_t)product * multiplier) >> 32);
        *y = (int8_t)ea_clamp((scaled + addend + negative * (1 << (EA_EXCITE_UP - 1))) >> right, -128, 127);
    }
}

static void ea_excite_row_s8_c(const struct ea_excite_s8 *p, const int8_t *x, const int8_t *gate, int8_t *y)
{
    for (int32_t g = 0; g < p->gates; g++, x += p->gate_step, y += p->gate_step)
        ea_excite_values_s8_c(p, x, (gate[g] + p->gate_offset) * (1 << EA_EXCITE_UP), y);
}

#endif
