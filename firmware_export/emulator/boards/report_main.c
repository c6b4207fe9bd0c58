/* Runs the network on every sample of the image and prints what comes out and how much stack it took. */
#include "ea_network.h"
/* Samples need the network's sizes. */
#include "ea_samples.h"
#include "ea_text.h"

__attribute__((aligned(16))) static int8_t outputs[EA_ALIGNED_OUTPUT_BYTES];
static const uint32_t sizes[EA_OUTPUTS] = EA_OUTPUT_SIZES;

static void put_outputs(void)
{
    const int8_t *output = outputs;
    for (uint32_t i = 0; i < EA_OUTPUTS; i++) {
        ea_put_bytes((const uint8_t *)output, sizes[i]);
        output += (sizes[i] + 15u) / 16u * 16u;
    }
}

#define PATTERN 0xa5c3965au
extern uint32_t ea_stack_start[];

static inline __attribute__((always_inline)) uint32_t *stack_pointer(void)
{
    uint32_t *pointer;
    __asm__ volatile("mov %0, sp" : "=r"(pointer));
    return pointer;
}

int main(void)
{
    EA_BEGIN();
    for (uint32_t sample = 0; sample < EA_SAMPLES; sample++) {
        const uint32_t *const top = stack_pointer();
        for (volatile uint32_t *word = ea_stack_start; word < top; word++)
            *word = PATTERN;
        const int32_t status = EA_RUN_ALIGNED(ea_samples[sample], outputs);
        const volatile uint32_t *lowest = ea_stack_start;
        while (lowest < top && *lowest == PATTERN)
            lowest++;
        ea_put_text("status ");
        ea_put_hex((uint32_t)status);
        ea_put_text(" stack ");
        ea_put_hex((uint32_t)((uintptr_t)top - (uintptr_t)lowest));
        ea_put_text(" output ");
        put_outputs();
        ea_put_text("\n");
    }
    ea_put_text("done\n");
    return 0;
}
