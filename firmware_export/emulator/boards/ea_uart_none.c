/* No serial port: what is sent goes nowhere, and nothing ever arrives. */
#include "ea_uart.h"

void ea_uart_init(void)
{
}

uint8_t ea_uart_get(void)
{
    for (;;)
        __asm__ volatile("wfi");
}

void ea_uart_put(uint8_t value)
{
    (void)value;
}
