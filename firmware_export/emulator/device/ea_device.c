#include "ea_device.h"

#include "ea_counter.h"
#include "ea_device_network.h"
#include "ea_uart.h"

#include <string.h>

#define FIRST_MAGIC 0xEAu
#define SECOND_MAGIC 0x7Eu
#define CRC_START 0xffffffffu
#define LONGEST_NAME 255u
#define SHA256_BYTES 32u

struct request {
    uint8_t type;
    uint8_t sequence;
    uint32_t length;
    uint32_t crc; /* of what has been read of it */
};

/* What a trace needs while a network runs. */
static struct {
    uint8_t counter;
    uint8_t sequence;
    uint8_t shows_layers;
    uint32_t resumed; /* reading at which the network last went on */
    uint32_t cycles;  /* of the network alone, until then */
} now;

static uint32_t crc_after(uint32_t crc, uint8_t byte)
{
    static const uint32_t of_nibble[16] = {
        0x00000000u, 0x1db71064u, 0x3b6e20c8u, 0x26d930acu, 0x76dc4190u, 0x6b6b51f4u, 0x4db26158u, 0x5005713cu,
        0xedb88320u, 0xf00f9344u, 0xd6d6a3e8u, 0xcb61b38cu, 0x9b64c2b0u, 0x86d3d2d4u, 0xa00ae278u, 0xbdbdf21cu,
    };
    crc ^= byte;
    crc = (crc >> 4) ^ of_nibble[crc & 15u];
    return (crc >> 4) ^ of_nibble[crc & 15u];
}

static uint32_t put(uint32_t crc, uint8_t byte)
{
    ea_uart_put(byte);
    return crc_after(crc, byte);
}

static uint32_t put_u32(uint32_t crc, uint32_t value)
{
    for (uint32_t shift = 0; shift < 32u; shift += 8u)
        crc = put(crc, (uint8_t)(value >> shift));
    return crc;
}

static uint32_t put_bytes(uint32_t crc, const void *data, size_t size)
{
    const uint8_t *const bytes = (const uint8_t *)data;
    for (size_t i = 0; i < size; i++)
        crc = put(crc, bytes[i]);
    return crc;
}

static uint32_t begin(char type, uint8_t sequence, uint32_t length)
{
    ea_uart_put(FIRST_MAGIC);
    ea_uart_put(SECOND_MAGIC);
    const uint32_t crc = put(put(CRC_START, (uint8_t)type), sequence);
    return put_u32(crc, length);
}

static void end(uint32_t crc)
{
    (void)put_u32(0u, ~crc);
}

static void reply_empty(char type, uint8_t sequence)
{
    end(begin(type, sequence, 0u));
}

static void reply_error(uint8_t sequence, uint8_t code)
{
    end(put(begin('E', sequence, 1u), code));
}

static uint8_t get(uint32_t *crc)
{
    const uint8_t byte = ea_uart_get();
    *crc = crc_after(*crc, byte);
    return byte;
}

static uint32_t get_u32(uint32_t *crc)
{
    uint32_t value = 0u;
    for (uint32_t shift = 0; shift < 32u; shift += 8u)
        value |= (uint32_t)get(crc) << shift;
    return value;
}

static void skip_to_frame(void)
{
    uint8_t byte = ea_uart_get();
    for (;;) {
        const uint8_t before = byte;
        byte = ea_uart_get();
        if (before == FIRST_MAGIC && byte == SECOND_MAGIC)
            return;
    }
}

static struct request next_request(void)
{
    struct request request = {0u, 0u, 0u, CRC_START};
    skip_to_frame();
    request.type = get(&request.crc);
    request.sequence = get(&request.crc);
    request.length = get_u32(&request.crc);
    return request;
}

static uint32_t bytes_of(const struct ea_buffer *buffers, uint8_t count)
{
    uint32_t sum = 0u;
    for (uint8_t i = 0; i < count; i++)
        sum += buffers[i].bytes;
    return sum;
}

static uint32_t length_of(const char *text)
{
    uint32_t length = 0u;
    while (length < LONGEST_NAME && text[length] != '\0')
        length++;
    return length;
}

static uint8_t is_run(uint8_t type)
{
    return type == 'r' || type == 'l';
}

/* 0, or why the request is refused, known before its payload is read. */
static uint8_t refusal(const struct request *request)
{
    if (!is_run(request->type) && request->type != 'i' && request->type != 'c')
        return EA_DEVICE_UNKNOWN_TYPE;
    if (request->type == 'l' && !ea_network.shows_layers)
        return EA_DEVICE_NO_LAYERS;
    const uint32_t wanted = is_run(request->type) ? bytes_of(ea_network.inputs, ea_network.input_count) : 0u;
    return request->length == wanted ? 0u : EA_DEVICE_WRONG_LENGTH;
}

static void get_inputs(struct request *request)
{
    for (uint8_t i = 0; i < ea_network.input_count; i++)
        for (uint32_t j = 0; j < ea_network.inputs[i].bytes; j++)
            ea_network.inputs[i].data[j] = (int8_t)get(&request->crc);
}

static uint8_t nibble(char digit)
{
    return (uint8_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

static uint32_t put_sizes(uint32_t crc, const struct ea_buffer *buffers, uint8_t count)
{
    for (uint8_t i = 0; i < count; i++)
        crc = put_u32(crc, buffers[i].bytes);
    return crc;
}

static void reply_info(uint8_t sequence)
{
    const uint32_t name = length_of(ea_network.name);
    const uint32_t ports = (uint32_t)ea_network.input_count + ea_network.output_count;
    uint32_t crc = begin('I', sequence, 9u + 4u * ports + SHA256_BYTES + name);
    crc = put(put(crc, EA_DEVICE_VERSION), now.counter);
    crc = put(put_u32(crc, EA_CLOCK_HZ), ea_network.shows_layers);
    crc = put(put(crc, ea_network.input_count), ea_network.output_count);
    crc = put_sizes(crc, ea_network.inputs, ea_network.input_count);
    crc = put_sizes(crc, ea_network.outputs, ea_network.output_count);
    for (uint32_t i = 0; i < 2u * SHA256_BYTES; i += 2u) {
        const char *const digits = &ea_network.model_sha256[i];
        crc = put(crc, (uint8_t)(nibble(digits[0]) << 4 | nibble(digits[1])));
    }
    end(put_bytes(crc, ea_network.name, name));
}

static void reply_check(uint8_t sequence)
{
    reply_empty('A', sequence);
    end(put_u32(begin('C', sequence, 4u), (uint32_t)ea_network.check()));
}

static uint32_t cycles_since(uint32_t reading)
{
    return now.counter == EA_COUNTER_NONE ? 0u : ea_counter_read() - reading;
}

static void reply_run(const struct request *request)
{
    for (uint8_t i = 0; i < ea_network.output_count; i++)
        memset(ea_network.outputs[i].data, 0, ea_network.outputs[i].bytes); /* what an earlier run left is no answer */
    reply_empty('A', request->sequence);
    now.sequence = request->sequence;
    now.shows_layers = request->type == 'l';
    now.cycles = 0u;
    now.resumed = ea_counter_read();
    const int32_t status = ea_network.run();
    now.cycles += cycles_since(now.resumed);
    now.shows_layers = 0u;
    uint32_t crc = begin('R', request->sequence, 8u + bytes_of(ea_network.outputs, ea_network.output_count));
    crc = put_u32(put_u32(crc, (uint32_t)status), now.cycles);
    for (uint8_t i = 0; i < ea_network.output_count; i++)
        crc = put_bytes(crc, ea_network.outputs[i].data, ea_network.outputs[i].bytes);
    end(crc);
}

void ea_device_layer(const char *layer, const int8_t *output, size_t bytes)
{
    if (!now.shows_layers)
        return;
    const uint32_t cycles = cycles_since(now.resumed);
    const uint32_t name = length_of(layer);
    uint32_t crc = begin('D', now.sequence, 5u + name + (uint32_t)bytes);
    crc = put(put_bytes(put_u32(crc, cycles), layer, name), 0u);
    end(put_bytes(crc, output, bytes));
    now.cycles += cycles;
    now.resumed = ea_counter_read();
}

static void answer(const struct request *request)
{
    switch (request->type) {
    case 'i':
        reply_info(request->sequence);
        break;
    case 'c':
        reply_check(request->sequence);
        break;
    default:
        reply_run(request);
        break;
    }
}

static void serve_one(void)
{
    struct request request = next_request();
    const uint8_t code = refusal(&request);
    if (code != 0u) {
        reply_error(request.sequence, code);
        return;
    }
    if (is_run(request.type))
        get_inputs(&request);
    const uint32_t expected = ~request.crc;
    uint32_t unused = 0u;
    if (get_u32(&unused) != expected)
        reply_error(request.sequence, EA_DEVICE_BAD_CRC);
    else
        answer(&request);
}

void ea_device_serve(void)
{
    now.counter = ea_counter_start();
    reply_empty('B', 0u);
    for (;;)
        serve_one();
}
