#ifndef EA_DECODE_U8_H
#define EA_DECODE_U8_H

#include <stdint.h>

#define EA_CODE_LONGEST 12 /* bits */
#define EA_CODE_FIRST 5    /* bits that tell the length of a code from below */

/* y[i] = the byte that the i-th code of a sequence of bits stands for, in a canonical Huffman code: codes are read from
 * the highest bit on, those of one length are consecutive numbers in the order of their symbols, and each is above the
 * shorter ones that it is compared with. Every sequence of bits is one of codes, so that no word can lead astray:
 * exactly `count` bytes are written, `symbols` is not left, and zeros are read behind the last word.
 *
 * last[length]: the last code that is no longer, filled up with ones to 16 bits; 0xffff for the longest.
 * base[length]: to be added to a code of this length, modulo 256, to find its place among the symbols.
 * shortest[bits]: the least length of a code that begins with these EA_CODE_FIRST bits. */
struct ea_code_u8 {
    uint16_t last[EA_CODE_LONGEST + 1];
    uint8_t base[EA_CODE_LONGEST + 1];
    uint8_t shortest[1 << EA_CODE_FIRST];
    const uint8_t *symbols;
};

/* What is left of a sequence of bits: words, each from its highest bit on. */
struct ea_coded_u8 {
    const struct ea_code_u8 *code;
    const uint16_t *words;
    const uint16_t *end;
    uint32_t bits; /* of words before, from the highest bit on */
    int32_t left;  /* how many, 0 to 31 */
};

#endif
