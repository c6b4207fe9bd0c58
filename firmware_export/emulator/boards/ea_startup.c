/* From reset to main on any Cortex-M core. The names ea_stack_..., ea_data_... and ea_bss_... are the linker script's. */
#include <stddef.h>
#include <stdint.h>

#include "ea_board.h"
#include "ea_exit.h"
#include "ea_fault.h"
#include "ea_register.h"
#include "ea_uart.h"

extern uint32_t ea_stack_start[], ea_stack_end[];
extern uint32_t ea_data_start[], ea_data_end[];
extern uint32_t ea_bss_start[], ea_bss_end[];
extern const uint32_t ea_data_load[];

int main(void);
_Noreturn void ea_reset(void);
_Noreturn void ea_start(void);

#define VTOR EA_REGISTER(0xE000ED08u)
#define SHCSR EA_REGISTER(0xE000ED24u)
#define CPACR EA_REGISTER(0xE000ED88u)

#define SHCSR_MEMORY_BUS_USAGE (7u << 16)
#define CPACR_CP10_CP11 (15u << 20) /* the floating-point unit and Helium */

__attribute__((aligned(16), section(EA_STACK_SECTION), used)) static uint8_t stack[EA_STACK_BYTES];

struct vectors {
    uint32_t *stack;
    void (*handlers[15])(void); /* of exceptions 1 to 15; interrupts stay disabled */
};

__attribute__((section(".vectors"), used)) static const struct vectors vectors = {
    .stack = ea_stack_end,
    .handlers =
        {ea_reset, ea_fault, ea_fault, ea_fault, ea_fault, ea_fault, ea_fault, ea_fault, ea_fault, ea_fault, ea_fault,
         ea_fault, ea_fault, ea_fault, ea_fault},
};

#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
static void enable_coprocessors(void)
{
    CPACR |= CPACR_CP10_CP11;
    __asm__ volatile("dsb\n isb" : : : "memory");
}
#else
static void enable_coprocessors(void)
{
}
#endif

#if defined(__ARM_ARCH_8M_MAIN__) || defined(__ARM_ARCH_8_1M_MAIN__)
static void limit_stack(void)
{
    __asm__ volatile("msr msplim, %0" : : "r"(ea_stack_start));
}
#else
static void limit_stack(void)
{
}
#endif

#if defined(__ARM_ARCH_6M__)
static void enable_faults(void)
{
}
#else
static void enable_faults(void)
{
    VTOR = (uint32_t)(uintptr_t)&vectors;
    SHCSR |= SHCSR_MEMORY_BUS_USAGE;
}
#endif

/* Nothing but this before the coprocessors are on: a compiler may use them to copy. */
_Noreturn void ea_reset(void)
{
    enable_coprocessors();
    ea_start();
}

__attribute__((noinline)) _Noreturn void ea_start(void)
{
    limit_stack();
    enable_faults();
    const size_t data_words = (size_t)(ea_data_end - ea_data_start);
    for (size_t i = 0; i < data_words; i++)
        ea_data_start[i] = ea_data_load[i];
    for (uint32_t *word = ea_bss_start; word < ea_bss_end; word++)
        *word = 0;
    ea_uart_init();
    ea_exit(main() == 0 ? EA_DONE : EA_FAILED);
}
