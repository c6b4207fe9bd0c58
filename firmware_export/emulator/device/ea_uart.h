#ifndef EA_UART_H
#define EA_UART_H

#include <stdint.h>

/* The serial line, yours to provide for a board. */

void ea_uart_init(void);

/* Waits for a byte. An overrun, framing or noise error is cleared and the byte taken as it came: the protocol notices. */
uint8_t ea_uart_get(void);

/* Waits until the byte is on its way. */
void ea_uart_put(uint8_t byte);

#endif
