/* A QEMU plugin that counts what a network executes: from the entry of its function until its caller goes on.
 *
 * The few functions of the plugin interface that it needs are declared here, as they have been since version 1 of it.
 * Everything it is told and all that it finds stand in one file, which it maps: `state=<path>`. */

#include <stddef.h>

#include "counter.h"

#define EXPORTED __attribute__((visibility("default")))

struct qemu_plugin_tb;

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, void (*callback)(uint64_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_tb_exec_cb(
    struct qemu_plugin_tb *tb, void (*callback)(unsigned vcpu, void *data), int flags, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);

/* Of QEMU's own C library. */
int open(const char *path, int flags, ...);
void *mmap(void *address, size_t bytes, int protection, int flags, int file, ptrdiff_t offset);
void *malloc(size_t bytes);
_Noreturn void abort(void);

enum { READ_AND_WRITE = 2, PROTECTION_READ_AND_WRITE = 3, SHARED = 1, NO_REGISTERS = 0 };

/* The head of the file; positions are in bytes from its start. */
struct state {
    uint64_t file_bytes;
    uint64_t base;  /* address of the first byte of code */
    uint64_t bytes; /* bytes of code */
    uint64_t entry; /* of the network's function */
    uint64_t layers;
    uint64_t calls_wanted;
    uint64_t calls; /* that began */
    uint64_t code;
    uint64_t marks;
    uint64_t blocks;
    uint64_t layer_instructions; /* for every call, one for every layer */
};

struct executed {
    uint64_t address;
    uint32_t bytes;
};

static struct state *state;
static struct counter counter;
static int inside;
static uint64_t return_address;
static uint64_t end_of_last; /* address behind the block that was executed last */

static void *at(uint64_t position)
{
    return (uint8_t *)state + position;
}

/* A call is the last instruction of its block, so the caller goes on right behind it. */
static void begin_call(void)
{
    inside = state->calls < state->calls_wanted;
    if (!inside)
        return;
    return_address = end_of_last;
    counter.layer = 0;
    counter.previous = NULL;
    counter.layer_instructions = (uint64_t *)at(state->layer_instructions) + state->calls * state->layers;
    state->calls++;
}

static void on_execution(unsigned vcpu, void *data)
{
    const struct executed *executed = data;
    (void)vcpu;
    if (inside && executed->address == return_address)
        inside = 0;
    if (!inside && executed->address == state->entry)
        begin_call();
    if (inside)
        count_block(&counter, executed->address, executed->bytes);
    end_of_last = executed->address + executed->bytes;
}

/* Bytes of the first instructions at an address, read from the code itself: the sizes that QEMU 7.2 tells are too large by
 * a halfword where it looked at the instruction behind the block, at the end of a page. */
static uint32_t bytes_of(uint64_t address, size_t instructions)
{
    const uint64_t offset = address - counter.base;
    uint64_t position = offset / 2;
    for (size_t i = 0; i < instructions && position < counter.bytes / 2; i++)
        position += counter.code[position] >> 11 >= 29 ? 2 : 1;
    return (uint32_t)(position - offset / 2) * 2;
}

static void on_translation(uint64_t id, struct qemu_plugin_tb *tb)
{
    struct executed *executed = malloc(sizeof *executed);
    (void)id;
    if (!executed)
        abort(); /* rather than count too little */
    executed->address = qemu_plugin_tb_vaddr(tb);
    executed->bytes = bytes_of(executed->address, qemu_plugin_tb_n_insns(tb));
    qemu_plugin_register_vcpu_tb_exec_cb(tb, on_execution, NO_REGISTERS, executed);
}

static int map_state(const char *path)
{
    const int file = open(path, READ_AND_WRITE);
    if (file < 0)
        return 0;
    state = mmap(NULL, sizeof *state, PROTECTION_READ_AND_WRITE, SHARED, file, 0);
    if (state == (void *)-1)
        return 0;
    state = mmap(NULL, state->file_bytes, PROTECTION_READ_AND_WRITE, SHARED, file, 0);
    return state != (void *)-1;
}

/* The text behind `state=`; none where the argument is another one. */
static const char *state_path(const char *argument)
{
    for (const char *name = "state="; *name != '\0'; name++, argument++)
        if (*argument != *name)
            return NULL;
    return argument;
}

extern EXPORTED int qemu_plugin_version;
int qemu_plugin_version = 1;

EXPORTED int qemu_plugin_install(uint64_t id, const void *info, int arguments, char **values);
int qemu_plugin_install(uint64_t id, const void *info, int arguments, char **values)
{
    const char *path = arguments == 1 ? state_path(values[0]) : NULL;
    (void)info;
    if (!path || !map_state(path))
        return -1;
    counter.base = state->base;
    counter.bytes = state->bytes;
    counter.budget = UINT64_MAX;
    counter.code = at(state->code);
    counter.marks = at(state->marks);
    counter.blocks = at(state->blocks);
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    return 0;
}
