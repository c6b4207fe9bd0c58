#ifndef EA_ARG_MAX_S8_H
#define EA_ARG_MAX_S8_H

#include <stdint.h>

/* y[o][i] = the first j at which sign * x[o][j][i] is largest: of x's maximum for a sign of 1, of its minimum for -1.
 * x: [outer][length][inner], y: [outer][inner], int32_t where index_bytes is 4 and int64_t where it is 8; may not alias.
 * Nothing needs alignment. */
struct ea_arg_max_s8 {
    int32_t outer;
    int32_t length;
    int32_t inner;
    int32_t sign;
    int32_t index_bytes;
};

#endif
