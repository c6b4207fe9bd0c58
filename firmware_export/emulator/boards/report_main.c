/* Runs the network on every sample of the image and prints what comes out. */
#include "ea_network.h"
#include "ea_samples.h"
#include "ea_text.h"

static int8_t outputs[EA_OUTPUT_BYTES];

int main(void)
{
    for (uint32_t sample = 0; sample < EA_SAMPLES; sample++) {
        const int32_t status = EA_RUN(ea_activations, ea_samples[sample], outputs);
        ea_put_text("status ");
        ea_put_hex((uint32_t)status);
        ea_put_text(" output ");
        ea_put_bytes((const uint8_t *)outputs, sizeof outputs);
        ea_put_text("\n");
    }
    ea_put_text("done\n");
    return 0;
}
