#ifndef EA_COUNTER_H
#define EA_COUNTER_H

#include <stdint.h>

enum ea_counter_kind { EA_COUNTER_NONE = 0, EA_COUNTER_CYCLES = 1 };

/* Starts the core's cycle counter. EA_COUNTER_NONE where there is none, or where it stands still: readings are 0 then. */
uint8_t ea_counter_start(void);

/* Cycles, modulo 2^32. */
uint32_t ea_counter_read(void);

#endif
