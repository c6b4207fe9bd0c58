#ifndef EA_REARRANGE_S8_C
#define EA_REARRANGE_S8_C

#include <string.h>

#include "ea_language.h"
#include "ea_rearrange_s8.h"

EA_INLINE void ea_rearrange_run_s8_c(const struct ea_rearrange_s8 *p, const int8_t *x, int8_t *y)
{
    const int32_t *const offsets = p->offsets;
    const int32_t length = p->length;
    const int32_t step = p->step;
    if (offsets != NULL)
        for (int32_t i = 0; i < length; i++)
            y[i] = x[offsets[i]];
    else if (step == 1)
        memcpy(y, x, (size_t)length);
    else
        for (int32_t i = 0; i < length; i++)
            y[i] = x[i * step];
}

/* From this run to the next; 0 after the last. */
EA_INLINE int32_t ea_rearrange_jump_s8_c(const struct ea_rearrange_s8 *p, int32_t *index)
{
    for (int32_t axis = 0; axis < EA_REARRANGE_AXES; axis++) {
        const int32_t here = index[axis]++;
        if (index[axis] < p->sizes[axis])
            return ((p->tabled >> axis) & 1) != 0 ? p->table[p->jumps[axis] + here] : p->jumps[axis];
        index[axis] = 0;
    }
    return 0;
}

static void ea_rearrange_s8_c(const struct ea_rearrange_s8 *p, const int8_t *x, int8_t *y)
{
    int32_t index[EA_REARRANGE_AXES] = {0, 0, 0, 0, 0, 0, 0, 0};
    for (int32_t run = 0; run < p->runs; run++, y += p->length) {
        ea_rearrange_run_s8_c(p, x, y);
        x += ea_rearrange_jump_s8_c(p, index);
    }
}

#endif
