#ifndef EA_LOOKUP_S8_H
#define EA_LOOKUP_S8_H

#include <stdint.h>

/* y = table[x + 128], element by element: any function of one int8 value.
 * x, y: [count], table: [256]. Nothing needs alignment. y may be x. */
struct ea_lookup_s8 {
    int32_t count;
    const int8_t *table;
};

#endif
