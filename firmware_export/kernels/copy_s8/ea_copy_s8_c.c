#ifndef EA_COPY_S8_C
#define EA_COPY_S8_C

#include <string.h>

#include "ea_copy_s8.h"

static void ea_copy_s8_c(const struct ea_copy_s8 *p, const int8_t *x, int8_t *y)
{
    for (int32_t row = 0; row < p->rows; row++)
        memcpy(y + row * p->output_step, x + row * p->row_bytes, (size_t)p->row_bytes);
}

#endif
