/* The USART of STM32 F1, F2, F4 and L1: status and data registers SR and DR. */
#include "ea_board.h"
#include "ea_register.h"
#include "ea_uart.h"

#define SR EA_REGISTER(EA_UART_ADDRESS)
#define DR EA_REGISTER(EA_UART_ADDRESS + 0x04u)
#define BRR EA_REGISTER(EA_UART_ADDRESS + 0x08u)
#define CR1 EA_REGISTER(EA_UART_ADDRESS + 0x0Cu)

#define SR_RXNE (1u << 5)
#define SR_TXE (1u << 7)
#define CR1_RE_TE_UE (1u << 2 | 1u << 3 | 1u << 13)

static const struct ea_register_write setup[] = EA_BOARD_SETUP;

void ea_uart_init(void)
{
    ea_write_registers(setup);
    BRR = EA_UART_DIVISOR;
    CR1 = CR1_RE_TE_UE;
}

uint8_t ea_uart_get(void)
{
    while ((SR & SR_RXNE) == 0) {
    }
    return (uint8_t)DR; /* reading SR, then DR, also clears an overrun */
}

void ea_uart_put(uint8_t value)
{
    while ((SR & SR_TXE) == 0) {
    }
    DR = value;
}
