/* Unicorn's block hook, native because it runs once for every block the core executes. Built for the PC, without a C
 * library. */

#include "counter.h"
#include "native.h"

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
