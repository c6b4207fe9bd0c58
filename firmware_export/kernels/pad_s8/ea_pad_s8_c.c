#ifndef EA_PAD_S8_C
#define EA_PAD_S8_C

#include <string.h>

#include "ea_pad_s8.h"

static void ea_pad_s8_c(const struct ea_pad_s8 *p, const int8_t *x, int8_t *y)
{
    memset(y, p->value, (size_t)p->output_bytes);
    y += p->first;
    for (int32_t i = 0; i < p->sizes[0]; i++)
        for (int32_t j = 0; j < p->sizes[1]; j++)
            for (int32_t k = 0; k < p->sizes[2]; k++, x += p->row_bytes)
                memcpy(y + i * p->steps[0] + j * p->steps[1] + k * p->steps[2], x, (size_t)p->row_bytes);
}

#endif
