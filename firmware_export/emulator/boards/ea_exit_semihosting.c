/* In an emulator that was started with semihosting: end it. On hardware without a debugger this faults. */
#include <stdint.h>

#include "ea_exit.h"

#define SYS_EXIT 0x18u
#define APPLICATION_EXIT 0x20026u /* any other reason makes the emulator's exit status 1 */

_Noreturn void ea_exit(enum ea_outcome outcome)
{
    register uint32_t operation __asm__("r0") = SYS_EXIT;
    register uint32_t reason __asm__("r1") = outcome == EA_DONE ? APPLICATION_EXIT : 0;
    for (;;)
        __asm__ volatile("bkpt 0xab" : "+r"(operation) : "r"(reason) : "memory");
}
