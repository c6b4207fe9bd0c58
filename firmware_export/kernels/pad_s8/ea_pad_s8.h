#ifndef EA_PAD_S8_H
#define EA_PAD_S8_H

#include <stdint.h>

/* y = value everywhere, then x inside it: x is [sizes...][row_bytes], its first row stands at y + first, and a step
 * along axis k of x is steps[k] bytes in y. Axes too many have size 1. x and y may not overlap.
 * Nothing needs alignment. */
struct ea_pad_s8 {
    int32_t value;
    int32_t output_bytes;
    int32_t first;
    int32_t sizes[3];
    int32_t steps[3];
    int32_t row_bytes;
};

#endif
