/* The one serial port of a board: 8 data bits, no parity, one stop bit, no buffer. */
#ifndef EA_UART_H
#define EA_UART_H

#include <stdint.h>

void ea_uart_init(void);         /* clocks, pins, speed */
uint8_t ea_uart_get(void);       /* waits for a byte */
void ea_uart_put(uint8_t value); /* waits until the port takes the byte */

#endif
