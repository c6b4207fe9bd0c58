#ifndef EA_COPY_S8_H
#define EA_COPY_S8_H

#include <stdint.h>

/* y[row][i] = x[row][i]: rows of bytes that lie side by side in x and output_step bytes apart in y; what lies between
 * them stays as it was. x and y may not overlap. Nothing needs alignment. */
struct ea_copy_s8 {
    int32_t rows;
    int32_t row_bytes;
    int32_t output_step;
};

#endif
