#ifndef EA_COLUMNS_H
#define EA_COLUMNS_H

#include "ea_language.h"

#include <stdint.h>

/* The part of a window that lies inside a row: kernel columns first to first + count - 1, the first of them over input
 * column `column`. Where nothing lies inside all three are 0. */
struct ea_columns {
    int32_t first;
    int32_t count;
    int32_t column;
};

/* start: the input column under kernel column 0, negative left of the image. dilation: at least 1. */
EA_INLINE struct ea_columns ea_columns_inside(int32_t start, int32_t dilation, int32_t kernel_width, int32_t width)
{
    struct ea_columns inside = {0, 0, 0};
    const int32_t first = start < 0 ? (dilation - 1 - start) / dilation : 0;
    const int32_t reach = start < width ? (width - start + dilation - 1) / dilation : 0;
    const int32_t end = reach < kernel_width ? reach : kernel_width;
    if (first >= end)
        return inside;
    inside.first = first;
    inside.count = end - first;
    inside.column = start + first * dilation;
    return inside;
}

#endif
