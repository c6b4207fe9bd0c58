/* The USART of STM32 F0, F3, F7, G0, G4, H5, H7, L0, L4, L5, U5, WB and later: ISR, ICR, RDR and TDR. */
#include "ea_board.h"
#include "ea_register.h"
#include "ea_uart.h"

#define CR1 EA_REGISTER(EA_UART_ADDRESS)
#define BRR EA_REGISTER(EA_UART_ADDRESS + 0x0Cu)
#define ISR EA_REGISTER(EA_UART_ADDRESS + 0x1Cu)
#define ICR EA_REGISTER(EA_UART_ADDRESS + 0x20u)
#define RDR EA_REGISTER(EA_UART_ADDRESS + 0x24u)
#define TDR EA_REGISTER(EA_UART_ADDRESS + 0x28u)

#define ISR_ORE (1u << 3)
#define ISR_RXNE (1u << 5)
#define ISR_TXE (1u << 7)
#define ICR_ORECF (1u << 3)
#define CR1_UE_RE_TE (1u << 0 | 1u << 2 | 1u << 3)

static const struct ea_register_write setup[] = EA_BOARD_SETUP;

void ea_uart_init(void)
{
    ea_write_registers(setup);
    CR1 = 0; /* the divisor is writable only while the port is off */
    BRR = EA_UART_DIVISOR;
    CR1 = CR1_UE_RE_TE;
}

uint8_t ea_uart_get(void)
{
    for (;;) {
        const uint32_t status = ISR;
        if ((status & ISR_RXNE) != 0)
            return (uint8_t)RDR;
        if ((status & ISR_ORE) != 0)
            ICR = ICR_ORECF; /* a byte came too early: it is lost, and the port must not stall */
    }
}

void ea_uart_put(uint8_t value)
{
    while ((ISR & ISR_TXE) == 0) {
    }
    TDR = value;
}
