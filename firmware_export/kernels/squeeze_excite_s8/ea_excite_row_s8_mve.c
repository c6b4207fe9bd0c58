#ifndef EA_EXCITE_ROW_S8_MVE_C
#define EA_EXCITE_ROW_S8_MVE_C

#include "ea_products.h"
#include "ea_squeeze_excite_s8.h"

/* The values of a gate, or else the gates, lie side by side. */
static void ea_excite_row_s8_mve(const struct ea_excite_s8 *p, const int8_t *x, const int8_t *gate, int8_t *y)
{
    struct ea_products products = {
        p->gates, p->values, p->x_offset, p->gate_offset, p->multiplier, -p->right_shift, p->output_offset, -128, 127};
    if (p->values > 1 && p->value_step == 1) {
        ea_products_of_one(&products, x, gate, y);
        return;
    }
    products.runs = p->values;
    products.length = p->gates;
    ea_products_of_all(&products, x, gate, y);
}

#endif
