/* Text over the serial port, without a C library. */
#ifndef EA_TEXT_H
#define EA_TEXT_H

#include <stddef.h>
#include <stdint.h>

void ea_put_text(const char *text);
void ea_put_hex(uint32_t value);                       /* 0x and eight digits */
void ea_put_bytes(const uint8_t *bytes, size_t count); /* two digits each */

#endif
