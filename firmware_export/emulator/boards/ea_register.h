/* Registers of peripherals, and the table of those a board sets before its serial port works. */
#ifndef EA_REGISTER_H
#define EA_REGISTER_H

#include <stdint.h>

#define EA_REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))

struct ea_register_write {
    uint32_t address; /* 0 ends a table */
    uint32_t clear;
    uint32_t set;
};

static inline void ea_write_registers(const struct ea_register_write *writes)
{
    for (; writes->address != 0; writes++)
        EA_REGISTER(writes->address) = (EA_REGISTER(writes->address) & ~writes->clear) | writes->set;
}

#endif
