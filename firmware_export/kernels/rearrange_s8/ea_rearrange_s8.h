#ifndef EA_REARRANGE_S8_H
#define EA_REARRANGE_S8_H

#include <stdint.h>

#define EA_REARRANGE_AXES 8

/* y is `planes` planes of `rows` rows of `length` bytes side by side. The bytes of a row lie in x `step` apart, which may
 * be 0 or negative, or where `offsets` is not null, that far from the row's first; rows lie row_step apart. The next
 * plane begins, in x, further by the jump of the innermost axis (the first one) whose end is not reached: jumps[axis],
 * or for the axes whose bit is set in `tabled`, table[jumps[axis] + index along the axis]. Axes too many have size 1.
 * x is the first byte that is read. x and y may not overlap. Nothing needs alignment. */
struct ea_rearrange_s8 {
    int32_t planes; /* the product of sizes */
    int32_t rows;
    int32_t row_step;
    int32_t length;
    int32_t step;
    const int32_t *offsets;
    const int32_t *table;
    int32_t tabled;
    int32_t sizes[EA_REARRANGE_AXES];
    int32_t jumps[EA_REARRANGE_AXES];
};

#endif
