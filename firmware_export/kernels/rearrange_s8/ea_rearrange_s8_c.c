#ifndef EA_REARRANGE_S8_C
#define EA_REARRANGE_S8_C

#include <string.h>

#include "ea_language.h"
#include "ea_rearrange_s8.h"

#define EA_REARRANGE_LONG_S8_C 4 /* bytes from which on a call of memcpy is quicker than a loop */

EA_INLINE void ea_rearrange_row_s8_c(const int32_t *offsets, int32_t length, int32_t step, const int8_t *x, int8_t *y)
{
    if (offsets != NULL)
        for (int32_t i = 0; i < length; i++)
            y[i] = x[offsets[i]];
    else
        for (int32_t i = 0; i < length; i++)
            y[i] = x[i * step];
}

/* Numbers are read once: else a compiler reloads them after every store to y. */
EA_INLINE void ea_rearrange_plane_s8_c(const struct ea_rearrange_s8 *p, const int8_t *x, int8_t *y)
{
    const int32_t *const offsets = p->offsets;
    const int32_t rows = p->rows;
    const int32_t row_step = p->row_step;
    const int32_t length = p->length;
    const int32_t step = p->step;
    const int side_by_side = offsets == NULL && step == 1 && length >= EA_REARRANGE_LONG_S8_C;
    for (int32_t row = 0; row < rows; row++, y += length) {
        if (side_by_side)
            memcpy(y, x + row * row_step, (size_t)length);
        else
            ea_rearrange_row_s8_c(offsets, length, step, x + row * row_step, y);
    }
}

/* From this plane to the next; 0 after the last. */
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
    for (int32_t plane = 0; plane < p->planes; plane++, y += p->rows * p->length) {
        ea_rearrange_plane_s8_c(p, x, y);
        x += ea_rearrange_jump_s8_c(p, index);
    }
}

#endif
