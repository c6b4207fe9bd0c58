/* A board that is this computer: its serial line is stdin and stdout, and it resets for good where stdin ends. */

#include "ea_counter.h"
#include "ea_uart.h"

#include <stdio.h>
#include <stdlib.h>

uint8_t ea_uart_get(void)
{
    const int byte = getchar();
    if (byte == EOF)
        exit(0);
    return (uint8_t)byte;
}

void ea_uart_put(uint8_t byte)
{
    putchar(byte);
    fflush(stdout);
}

/* A thousand cycles pass between two readings. */
uint8_t ea_counter_start(void)
{
    return EA_COUNTER_CYCLES;
}

uint32_t ea_counter_read(void)
{
    static uint32_t cycles = 0xffffff00u; /* near its end, so that it passes through 0 */
    cycles += 1000u;
    return cycles;
}
