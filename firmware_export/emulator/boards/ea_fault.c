#include "ea_fault.h"

#include <stddef.h>

#include "ea_exit.h"
#include "ea_register.h"
#include "ea_text.h"

extern const uint8_t ea_stack_start[], ea_stack_end[];

/* A frame in the lower half of the stack, or below it, leaves no room for a report: that begins at the top again. */
__attribute__((naked)) void ea_fault(void)
{
    __asm__ volatile(".syntax unified\n"
                     "mov r0, sp\n"
                     "ldr r1, 1f\n"
                     "ldr r2, 2f\n"
                     "subs r3, r2, r1\n"
                     "lsrs r3, r3, #1\n"
                     "adds r1, r1, r3\n"
                     "cmp r0, r1\n"
                     "bhs 4f\n"
                     "mov sp, r2\n"
                     "4:\n"
                     "ldr r3, 3f\n"
                     "bx r3\n"
                     ".balign 4\n"
                     "1: .word ea_stack_start\n"
                     "2: .word ea_stack_end\n"
                     "3: .word ea_report_fault\n");
}

static const char *const kinds[16] = {
    "", "", "NMI", "HardFault", "MemManage",    "BusFault", "UsageFault", "SecureFault",
    "", "", "",    "SVCall",    "DebugMonitor", "",         "PendSV",     "SysTick",
};

#if defined(__ARM_ARCH_6M__)
/* These cores do not say why, nor where. */
static uint32_t status(void)
{
    return 0;
}

static int has_address(uint32_t why)
{
    (void)why;
    return 0;
}

static uint32_t address(uint32_t why)
{
    return why;
}
#else
#define CFSR EA_REGISTER(0xE000ED28u)
#define MMFAR EA_REGISTER(0xE000ED34u)
#define BFAR EA_REGISTER(0xE000ED38u)
#define MMARVALID (1u << 7)
#define BFARVALID (1u << 15)

static uint32_t status(void)
{
    return CFSR;
}

static int has_address(uint32_t why)
{
    return (why & (MMARVALID | BFARVALID)) != 0;
}

static uint32_t address(uint32_t why)
{
    return (why & BFARVALID) != 0 ? BFAR : MMFAR;
}
#endif

#define STACKING_FAILED (1u << 4 | 1u << 12 | 1u << 20) /* MSTKERR, STKERR, STKOF */

static uint32_t exception_number(void)
{
    uint32_t number;
    __asm__ volatile("mrs %0, ipsr" : "=r"(number));
    return number & 15u;
}

static int is_whole(const struct ea_frame *frame)
{
    const uintptr_t start = (uintptr_t)frame;
    return start >= (uintptr_t)ea_stack_start && start + sizeof *frame <= (uintptr_t)ea_stack_end;
}

static void put_value(const char *name, int is_known, uint32_t value)
{
    ea_put_text(name);
    if (is_known)
        ea_put_hex(value);
    else
        ea_put_text("unknown");
}

_Noreturn void ea_report_fault(const struct ea_frame *frame)
{
    const uint32_t why = status();
    const int overflow = (why & STACKING_FAILED) != 0 || !is_whole(frame);
    ea_put_text("\nfault: ");
    ea_put_text(overflow ? "stack-overflow" : kinds[exception_number()]);
    put_value(" pc=", !overflow, overflow ? 0 : frame->pc);
    put_value(" lr=", !overflow, overflow ? 0 : frame->lr);
    put_value(" address=", has_address(why), address(why));
    put_value(" status=", 1, why);
    ea_put_text("\n");
    ea_exit(EA_FAILED);
}
