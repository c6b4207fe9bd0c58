#include "ea_device.h"

/* The start-up has called ea_uart_init. */
int main(void)
{
    ea_device_serve();
    return 0;
}
