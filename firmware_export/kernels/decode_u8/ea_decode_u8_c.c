#ifndef EA_DECODE_U8_C
#define EA_DECODE_U8_C

#include "ea_decode_u8.h"
#include "ea_language.h"

/* The next bytes of what is coded; those behind them are left. A function of its own, so that its price shows. */
EA_LAYER ea_decode_u8_c(struct ea_coded_u8 *coded, void *y, int32_t count)
{
    const struct ea_code_u8 *const code = coded->code;
    const uint8_t *const symbols = code->symbols;
    const uint16_t *words = coded->words;
    uint8_t *to = (uint8_t *)y;
    const uint8_t *const end = to + count;
    uint32_t bits = coded->bits;
    int32_t left = coded->left;
    while (to < end) {
        if (left < 16) {
            const uint32_t word = words < coded->end ? *words++ : 0u;
            bits |= word << (16 - left);
            left += 16;
        }
        int32_t length = code->shortest[bits >> (32 - EA_CODE_FIRST)];
        while ((bits >> 16) > code->last[length])
            length++;
        *to++ = symbols[(uint8_t)(code->base[length] + (bits >> (32 - length)))];
        bits <<= length;
        left -= length;
    }
    coded->words = words;
    coded->bits = bits;
    coded->left = left;
}

#endif
