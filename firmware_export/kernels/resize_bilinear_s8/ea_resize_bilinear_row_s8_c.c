#ifndef EA_RESIZE_BILINEAR_ROW_S8_C
#define EA_RESIZE_BILINEAR_ROW_S8_C

#include "ea_language.h"
#include "ea_resize_bilinear_s8.h"

/* One output pixel: `left` and `right` are elements of the rows; `down` and `across` weigh the second neighbour. */
EA_INLINE void ea_resize_bilinear_pixel(
    const int8_t *const rows[], int32_t left, int32_t right, int32_t down, int32_t across, int32_t channels, int8_t *y)
{
    const int8_t *above = rows[0];
    const int8_t *below = rows[1];
    const int32_t above_left = (1024 - down) * (1024 - across);
    const int32_t below_left = down * (1024 - across);
    const int32_t above_right = (1024 - down) * across;
    const int32_t below_right = down * across;
    for (int32_t c = 0; c < channels; c++) {
        const int32_t sum = above[left + c] * above_left + below[left + c] * below_left
            + above[right + c] * above_right + below[right + c] * below_right;
        y[c] = (int8_t)((sum + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20));
    }
}

static void ea_resize_bilinear_row_s8_c(
    const struct ea_resize_bilinear_s8 *p, const int8_t *const rows[], int32_t fraction, int8_t *y)
{
    for (int32_t column = 0; column < p->output_width; column++, y += p->channels) {
        const int32_t place = column * p->step + p->start;
        const int32_t left = place > 0 ? place / 1024 : 0;
        const int32_t behind = (place + 1023) / 1024;
        const int32_t right = behind < p->input_width ? behind : p->input_width - 1;
        const int32_t across = place - left * 1024;
        ea_resize_bilinear_pixel(rows, left * p->channels, right * p->channels, fraction, across, p->channels, y);
    }
}

#endif
