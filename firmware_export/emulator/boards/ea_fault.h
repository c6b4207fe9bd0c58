/* The handler of every exception but reset: one line over the serial port, then the end. */
#ifndef EA_FAULT_H
#define EA_FAULT_H

#include <stdint.h>

/* What the core puts on the stack when an exception begins. */
struct ea_frame {
    uint32_t r0, r1, r2, r3, r12, lr, pc, psr;
};

void ea_fault(void);
_Noreturn void ea_report_fault(const struct ea_frame *frame);

#endif
