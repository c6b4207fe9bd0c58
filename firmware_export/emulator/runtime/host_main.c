/* Reads samples from stdin until it ends, calls the model once for each, writes status and outputs to stdout. Every
 * buffer is an allocation of its own and of the exact size, so that a sanitizer sees the first byte outside. The file
 * that includes this one defines INPUTS, OUTPUTS, ARENAS, input_bytes, output_bytes, arena_bytes, BEGIN and RUN. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(_WIN32)
#include <fcntl.h>
#include <io.h>
#endif

static int8_t *allocate(size_t bytes, int fill)
{
    int8_t *buffer = malloc(bytes);
    if (buffer == NULL && bytes > 0)
        exit(3);
    if (bytes > 0)
        memset(buffer, fill, bytes);
    return buffer;
}

static int run_one(int fill)
{
    int8_t *inputs[INPUTS], *outputs[OUTPUTS];
    int complete = 1;
    for (size_t i = 0; i < INPUTS; i++) {
        inputs[i] = allocate(input_bytes[i], fill);
        complete = complete && fread(inputs[i], 1, input_bytes[i], stdin) == input_bytes[i];
    }
    for (size_t i = 0; i < OUTPUTS; i++)
        outputs[i] = allocate(output_bytes[i], fill);
    void *arenas[ARENAS];
    for (size_t i = 0; i < ARENAS; i++)
        arenas[i] = allocate(arena_bytes[i], fill);
    if (complete) {
        const int32_t status = (int32_t)RUN;
        fwrite(&status, sizeof status, 1, stdout);
        for (size_t i = 0; i < OUTPUTS; i++)
            fwrite(outputs[i], 1, output_bytes[i], stdout);
    }
    for (size_t i = 0; i < ARENAS; i++)
        free(arenas[i]);
    for (size_t i = 0; i < INPUTS; i++)
        free(inputs[i]);
    for (size_t i = 0; i < OUTPUTS; i++)
        free(outputs[i]);
    return complete;
}

int main(int count, char **arguments)
{
    const int fill = count > 1 ? atoi(arguments[1]) : 0;
#if defined(_WIN32)
    _setmode(_fileno(stdin), _O_BINARY);
    _setmode(_fileno(stdout), _O_BINARY);
#endif
    BEGIN(fill);
    while (run_one(fill)) {
    }
    return 0;
}
