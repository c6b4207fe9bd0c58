#ifndef EA_ADD_PLANE_S8_H
#define EA_ADD_PLANE_S8_H

#include <stdint.h>

/* The same function as ea_add_s8 for ADD and SUB of two inputs of one shape, where one rounding gives what all of the
 * reference's do, which the exporter has tried for every a and b:
 * y = clamp(clamp((((a * 256 * a_slope) >> 16) + ((b * 256 * b_slope) >> 16) + addend) >> 21, 0, 255) - 128, low, high).
 * No sum leaves int32. Nothing needs alignment. y may be an input. The assembly knows the order of the fields. */
struct ea_add_plane_s8 {
    int32_t count;
    int32_t a_slope;
    int32_t b_slope;
    int32_t addend;
    int32_t low;
    int32_t high;
};

#endif
