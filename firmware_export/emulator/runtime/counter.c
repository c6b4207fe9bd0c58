/* The block hook, native because it runs once for every block the core executes. Built for the PC, without a C library.
 */

#include <stdint.h>

#if defined(_WIN32)
#define EXPORTED __declspec(dllexport)
int DllMainCRTStartup(void *module, uint32_t reason, void *reserved);
int DllMainCRTStartup(void *module, uint32_t reason, void *reserved)
{
    (void)module, (void)reason, (void)reserved;
    return 1;
}
#else
#define EXPORTED __attribute__((visibility("default")))
#endif

struct block {
    uint64_t executions;
    uint32_t bytes;
    uint32_t instructions;
};

struct counter {
    uint64_t base;         /* address of the first byte of code */
    uint64_t bytes;        /* bytes of code */
    uint64_t instructions; /* executed so far */
    uint64_t budget;       /* the core is stopped beyond so many */
    const uint16_t *code;
    struct block *blocks; /* one for every halfword of code */
    int (*stop)(void *engine);
};

/* Thumb: a halfword whose top five bits are 29 or more is the first of two. */
static uint32_t instructions_in(const uint16_t *code, uint32_t bytes)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < bytes / 2; i += code[i] >> 11 >= 29 ? 2 : 1)
        count++;
    return count;
}

EXPORTED void count_block(void *engine, uint64_t address, uint32_t bytes, struct counter *counter);
void count_block(void *engine, uint64_t address, uint32_t bytes, struct counter *counter)
{
    const uint64_t offset = address - counter->base;
    if (offset >= counter->bytes || bytes > counter->bytes - offset)
        return;
    struct block *block = &counter->blocks[offset / 2];
    if (block->bytes != bytes) {
        block->bytes = bytes;
        block->instructions = instructions_in(counter->code + offset / 2, bytes);
    }
    block->executions++;
    counter->instructions += block->instructions;
    if (counter->instructions > counter->budget)
        counter->stop(engine);
}
