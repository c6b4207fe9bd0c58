/* The CMSDK APB UART of Arm's MPS2 and MPS3 images. */
#include "ea_board.h"
#include "ea_register.h"
#include "ea_uart.h"

#define DATA EA_REGISTER(EA_UART_ADDRESS)
#define STATE EA_REGISTER(EA_UART_ADDRESS + 0x04u)
#define CTRL EA_REGISTER(EA_UART_ADDRESS + 0x08u)
#define BAUDDIV EA_REGISTER(EA_UART_ADDRESS + 0x10u)

#define STATE_TX_FULL (1u << 0)
#define STATE_RX_FULL (1u << 1)
#define CTRL_TX_RX (1u << 0 | 1u << 1)

static const struct ea_register_write setup[] = EA_BOARD_SETUP;

void ea_uart_init(void)
{
    ea_write_registers(setup);
    BAUDDIV = EA_UART_DIVISOR;
    CTRL = CTRL_TX_RX;
    /* QEMU asks for input again only after a read: where it asked before the port was on, it would wait for ever. */
    (void)DATA;
}

uint8_t ea_uart_get(void)
{
    while ((STATE & STATE_RX_FULL) == 0) {
    }
    return (uint8_t)DATA;
}

void ea_uart_put(uint8_t value)
{
    while ((STATE & STATE_TX_FULL) != 0) {
    }
    DATA = value;
}
