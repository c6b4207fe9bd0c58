#ifndef EA_DEVICE_H
#define EA_DEVICE_H

#include <stddef.h>
#include <stdint.h>

/* Answers a host over ea_uart.h with the network of ea_device_network.h, for ever. No heap; a few bytes of static memory.
 *
 * A frame, little endian:
 *     0xEA 0x7E | type u8 | sequence u8 | length u32 | payload | CRC-32 (zlib's) of type to payload u32
 *
 * request            | replies, with its sequence
 * 'i' info           | 'I' version u8, counter u8 (0 none, 1 cycles), clock in Hz u32 (0 unknown), shows layers u8,
 *                    |     inputs u8, outputs u8, bytes of each u32, SHA-256 of the model [32], the network's name
 * 'c' check          | 'A', then 'C' i32, what <name>_check says of the weights in flash
 * 'r' run, inputs    | 'A', then 'R' status i32, cycles u32, outputs
 * 'l' layers, inputs | 'A', for each layer 'D' cycles u32, name, NUL, its output; then 'R'
 * any other          | 'E' code u8
 *
 * 'A' has no payload and comes at once: the request is whole, the answer may take its time.
 * After a start it says 'B' with sequence 0, so that a restart does not pass for silence. What is no frame is skipped.
 * A request whose length is not exactly what its type needs is refused before its payload is read, and the rest of it
 * skipped: the device needs no clock to come out of a broken frame, only the bytes that are missing. A host that gets
 * no 'A' sends as many zeros as the frame was long, and then asks again. */

#define EA_DEVICE_VERSION 1u

#if !defined(EA_CLOCK_HZ)
#define EA_CLOCK_HZ 0u /* what the cycle counter counts in a second */
#endif

enum ea_device_error {
    EA_DEVICE_BAD_CRC = 1,
    EA_DEVICE_UNKNOWN_TYPE = 2,
    EA_DEVICE_WRONG_LENGTH = 3,
    EA_DEVICE_NO_LAYERS = 4 /* the network was built without its trace */
};

/* Never returns. ea_uart_init comes before. */
void ea_device_serve(void);

/* For the network's trace: the output of a layer that has just run. */
void ea_device_layer(const char *layer, const int8_t *output, size_t bytes);

#endif
