/* The least a firmware with the network needs: for finding out whether it fits. */
#include "ea_network.h"

__attribute__((aligned(EA_ALIGNMENT))) static int8_t inputs[EA_INPUT_BYTES];
__attribute__((aligned(EA_ALIGNMENT))) static int8_t outputs[EA_OUTPUT_BYTES];

int main(void)
{
    EA_BEGIN();
    return EA_RUN(inputs, outputs) == 0 ? 0 : 1;
}
