#ifndef EA_DEPTHWISE_VECTORS_ROW_S8_MVE
#define EA_DEPTHWISE_VECTORS_ROW_S8_MVE

#include "ea_columns.h"
#include "ea_depthwise_octet.h"
#include "ea_depthwise_vectors_s8.h"

static void
ea_depthwise_vectors_row_s8_mve(const struct ea_depthwise_vectors_s8 *p, const int8_t *const rows[], int8_t *y)
{
    const int32_t last = p->channels - EA_OCTET;
    const int32_t octet_weights = p->kernel_height * p->kernel_width * EA_OCTET;
    for (int32_t column = 0; column < p->output_width; column++, y += p->channels) {
        const int32_t start = column * p->stride - p->padding;
        const struct ea_columns inside = ea_columns_inside(start, p->dilation, p->kernel_width, p->input_width);
        const int8_t *w = p->weights;
        const int32_t *numbers = p->numbers;
        int32_t channel = 0;
        for (; channel < last; channel += EA_OCTET, w += octet_weights, numbers += EA_OCTET_NUMBERS)
            ea_depthwise_octet(p, rows, inside, channel, w, numbers, y + channel);
        ea_depthwise_octet(p, rows, inside, last, w, numbers, y + last);
    }
}

#endif
