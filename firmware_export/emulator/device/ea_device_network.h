#ifndef EA_DEVICE_NETWORK_H
#define EA_DEVICE_NETWORK_H

#include <stdint.h>

/* One input or output of a network, in static memory of its own. */
struct ea_buffer {
    int8_t *data;
    uint32_t bytes;
};

/* A network as the protocol sees it: what a generated `network.c` tells of one generated header. */
struct ea_network {
    const char *name;         /* in C */
    const char *model_sha256; /* 64 hexadecimal digits */
    const struct ea_buffer *inputs;
    const struct ea_buffer *outputs;
    uint8_t input_count;
    uint8_t output_count;
    uint8_t shows_layers;   /* 1: calls ea_device_layer after every layer */
    int32_t (*run)(void);   /* from the inputs to the outputs; 0 is OK */
    int32_t (*check)(void); /* the weights in flash; 0 is OK */
};

extern const struct ea_network ea_network;

#endif
