#include "ea_text.h"

#include "ea_uart.h"

static void put_digit(uint32_t value)
{
    ea_uart_put((uint8_t) "0123456789abcdef"[value & 15u]);
}

void ea_put_text(const char *text)
{
    while (*text != '\0')
        ea_uart_put((uint8_t)*text++);
}

void ea_put_hex(uint32_t value)
{
    ea_put_text("0x");
    for (uint32_t shift = 32; shift > 0; shift -= 4)
        put_digit(value >> (shift - 4));
}

void ea_put_bytes(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put_digit(bytes[i] >> 4);
        put_digit(bytes[i]);
    }
}
