/* Unicorn's hooks that count what a core waits for flash memory: for lines of instructions, and for constants. */

#include "native.h"

/* Lines that were read last, in sets of `ways`, the least recently used replaced. Without ways nothing is kept. */
struct cache {
    uint64_t sets;
    uint64_t ways;
    uint64_t *tags; /* sets * ways line numbers, most recent first; NO_LINE where empty */
};

struct flash {
    uint64_t line_bits;   /* log2 of the bytes that one read of the flash gives */
    uint64_t read_waits;  /* cycles that a read takes longer than memory without waits */
    uint64_t prefetches;  /* whether the next line of instructions is read ahead */
    uint64_t base;        /* address of the first byte of code */
    const uint16_t *code;
    const uint64_t *layer; /* that runs now */
    uint64_t *waits;       /* cycles, one for every layer */
    uint64_t line;         /* of instructions, fetched last */
    uint64_t entry;        /* address in it that was executed first */
    struct cache instructions;
    struct cache data; /* the same lines as the instructions' where `tags` are the same */
    int state_register; /* the emulator's name for the program status register, and how to read and write it */
    int (*read_register)(void *engine, int number, void *value);
    int (*write_register)(void *engine, int number, const void *value);
};

/* Where the program status register says that instructions of an IT block are to follow. */
#define IN_IT_BLOCK 0x0600fc00u

/* Whether a line is kept; it is kept and the most recent afterwards. */
static int find(const struct cache *cache, uint64_t line)
{
    if (cache->ways == 0)
        return 0;
    uint64_t *set = cache->tags + line % cache->sets * cache->ways;
    uint64_t place = 0;
    while (place < cache->ways && set[place] != line)
        place++;
    const int found = place < cache->ways;
    for (uint64_t i = found ? place : cache->ways - 1; i > 0; i--)
        set[i] = set[i - 1];
    set[0] = line;
    return found;
}

/* The instructions from `entry` to the end of the last line: at least so many cycles passed while the next was read. */
static uint64_t passed(const struct flash *flash)
{
    const uint64_t end = (flash->line + 1) << flash->line_bits;
    uint64_t count = 0;
    for (uint64_t at = flash->entry; at < end; at += flash->code[(at - flash->base) / 2] >> 11 >= 29 ? 4 : 2)
        count++;
    return count;
}

static void fetch(struct flash *flash, uint64_t line, uint64_t entry)
{
    if (line == flash->line)
        return;
    if (!find(&flash->instructions, line)) {
        const uint64_t ahead = flash->prefetches && line == flash->line + 1 ? passed(flash) : 0;
        flash->waits[*flash->layer] += flash->read_waits > ahead ? flash->read_waits - ahead : 0;
    }
    flash->line = line;
    flash->entry = entry;
}

EXPORTED void on_fetch(void *engine, uint64_t address, uint32_t bytes, struct flash *flash);
void on_fetch(void *engine, uint64_t address, uint32_t bytes, struct flash *flash)
{
    (void)engine;
    uint64_t entry = address;
    for (uint64_t line = address >> flash->line_bits; line <= (address + bytes - 1) >> flash->line_bits; line++) {
        fetch(flash, line, entry);
        entry = (line + 1) << flash->line_bits;
    }
}

/* Before it calls a hook from within an IT block the emulator notes that the block goes on, and forgets to take that back:
 * the first instructions of the next block of code would be skipped (unicorn issue 2309). */
static void leave_it_block(void *engine, const struct flash *flash)
{
    uint32_t state = 0;
    flash->read_register(engine, flash->state_register, &state);
    if ((state & IN_IT_BLOCK) == 0)
        return;
    state &= ~IN_IT_BLOCK;
    flash->write_register(engine, flash->state_register, &state);
}

EXPORTED void on_read(void *engine, int type, uint64_t address, int bytes, int64_t value, struct flash *flash);
void on_read(void *engine, int type, uint64_t address, int bytes, int64_t value, struct flash *flash)
{
    (void)type, (void)value, (void)bytes;
    leave_it_block(engine, flash);
    if (!find(&flash->data, address >> flash->line_bits))
        flash->waits[*flash->layer] += flash->read_waits;
}
