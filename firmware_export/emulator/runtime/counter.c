/* Unicorn's block hook, native because it runs once for every block the core executes. Built for the PC, without a C
 * library. */

#include "counter.h"

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

struct hook {
    struct counter counter;
    int (*stop)(void *engine);
};

EXPORTED void on_block(void *engine, uint64_t address, uint32_t bytes, struct hook *hook);
void on_block(void *engine, uint64_t address, uint32_t bytes, struct hook *hook)
{
    if (count_block(&hook->counter, address, bytes))
        hook->stop(engine);
}
