#include "ea_counter.h"

/* The cycle counter of Armv7-M and Armv8-M Mainline (Arm DDI 0403, C1.8). M0, M0+ and M23 have none. */
#if defined(__ARM_ARCH_7M__) || defined(__ARM_ARCH_7EM__) || defined(__ARM_ARCH_8M_MAIN__) ||                          \
    defined(__ARM_ARCH_8_1M_MAIN__)

#define DEMCR (*(volatile uint32_t *)0xE000EDFCu)
#define DWT_CTRL (*(volatile uint32_t *)0xE0001000u)
#define DWT_CYCCNT (*(volatile uint32_t *)0xE0001004u)
#define DWT_LAR (*(volatile uint32_t *)0xE0001FB0u)
#define TRCENA (1u << 24)
#define CYCCNTENA 1u
#define UNLOCK 0xC5ACCE55u /* an M7 ignores the other writes without it; elsewhere nothing listens */

uint8_t ea_counter_start(void)
{
    DEMCR |= TRCENA;
    DWT_LAR = UNLOCK;
    DWT_CYCCNT = 0u;
    DWT_CTRL |= CYCCNTENA;
    const uint32_t before = DWT_CYCCNT;
    /* Emulators read 0 for ever, so nothing may wait for it to advance: two readings tell. */
    return DWT_CYCCNT != before ? EA_COUNTER_CYCLES : EA_COUNTER_NONE;
}

uint32_t ea_counter_read(void)
{
    return DWT_CYCCNT;
}

#else

uint8_t ea_counter_start(void)
{
    return EA_COUNTER_NONE;
}

uint32_t ea_counter_read(void)
{
    return 0u;
}

#endif
