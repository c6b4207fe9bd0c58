/* Decodes what its standard input holds: sizes, a code, words; the output has exactly its size, and so has all else. */
#include <stdio.h>
#include <stdlib.h>

#include "ea_decode_u8_c.c"

static void *read_bytes(size_t size)
{
    void *const bytes = malloc(size);
    if (fread(bytes, 1, size, stdin) != size)
        exit(3);
    return bytes;
}

int main(void)
{
    int32_t sizes[4]; /* symbols, words, bytes to decode, at a time */
    if (fread(sizes, sizeof sizes, 1, stdin) != 1)
        return 2;
    struct ea_code_u8 code;
    if (fread(code.last, sizeof code.last, 1, stdin) != 1 || fread(code.base, sizeof code.base, 1, stdin) != 1 ||
        fread(code.shortest, sizeof code.shortest, 1, stdin) != 1)
        return 2;
    uint8_t *const symbols = (uint8_t *)read_bytes((size_t)sizes[0]);
    uint16_t *const words = (uint16_t *)read_bytes((size_t)sizes[1] * 2);
    uint8_t *const y = (uint8_t *)malloc((size_t)sizes[2]);
    code.symbols = symbols;
    struct ea_coded_u8 coded = {&code, words, words + sizes[1], 0, 0};
    for (int32_t i = 0; i < sizes[2]; i += sizes[3])
        ea_decode_u8_c(&coded, y + i, sizes[2] - i < sizes[3] ? sizes[2] - i : sizes[3]);
    fwrite(y, 1, (size_t)sizes[2], stdout);
    free(y);
    free(words);
    free(symbols);
    return 0;
}
