/* Exact counts of what a Thumb core executes, block by block, kept apart for each layer of a network: the same for every
 * emulator that says when a block starts. Nothing of a C library is needed. */
#ifndef EA_COUNTER_H
#define EA_COUNTER_H

#include <stdint.h>

/* Code that runs from its first instruction to its last. */
struct block {
    uint64_t executions;
    uint64_t falls; /* of these, how often the next block was the one behind it: the others branched */
    uint32_t bytes;
    uint32_t instructions;
};

enum { LAYER_CONTINUES = 0 }; /* a mark: nothing begins here; any other is 1 + the number of a layer, where 0 is none */

struct counter {
    uint64_t base;         /* address of the first byte of code */
    uint64_t bytes;        /* bytes of code */
    uint64_t instructions; /* executed so far */
    uint64_t budget;       /* the core is to be stopped beyond so many */
    uint64_t layer;        /* that runs now; 0 between layers */
    const uint16_t *code;
    const uint16_t *marks;        /* one for every halfword of code */
    struct block *blocks;         /* for every layer, one for every halfword of code */
    uint64_t *layer_instructions; /* one for every layer */
    struct block *previous;       /* that was executed last; none at first */
    uint64_t expected;            /* address behind it */
};

/* A halfword whose top five bits are 29 or more is the first of two. */
static inline uint32_t instructions_in(const uint16_t *code, uint32_t bytes)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < bytes / 2; i += code[i] >> 11 >= 29 ? 2 : 1)
        count++;
    return count;
}

/* A block of `bytes` at `address` is about to be executed. Returns whether the budget is used up. */
static inline int count_block(struct counter *counter, uint64_t address, uint32_t bytes)
{
    const uint64_t offset = address - counter->base;
    if (offset >= counter->bytes || bytes > counter->bytes - offset)
        return 0;
    if (counter->previous && counter->expected == address)
        counter->previous->falls++;
    if (counter->marks[offset / 2] != LAYER_CONTINUES)
        counter->layer = counter->marks[offset / 2] - 1u;
    struct block *block = &counter->blocks[counter->layer * (counter->bytes / 2) + offset / 2];
    if (block->bytes != bytes) {
        block->bytes = bytes;
        block->instructions = instructions_in(counter->code + offset / 2, bytes);
    }
    block->executions++;
    counter->instructions += block->instructions;
    counter->layer_instructions[counter->layer] += block->instructions;
    counter->previous = block;
    counter->expected = address + bytes;
    return counter->instructions > counter->budget;
}

#endif
