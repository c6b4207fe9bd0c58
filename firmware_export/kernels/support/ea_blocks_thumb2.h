#ifndef EA_BLOCKS_THUMB2_H
#define EA_BLOCKS_THUMB2_H

#include "ea_thumb.h"

#if EA_HAS_THUMB2

/* Three registers hold the four sums of a quad: of channel 1 + channel 0 * 2^8, 2 + 1 * 2^16, and 3 + 1 * 2^8. */
#define EA_BLOCK_MIDDLE(weights) "and r7, " #weights ", #0x00ff00ff\n"
#define EA_BLOCK_TOP(weights) "uxth r7, " #weights ", ror #8\n"
#define EA_BLOCK_LOW(weights) "lsrs " #weights ", " #weights ", #16\n"

/* Sums in `low`, `middle` and `top` become those of channels 0, times 2^8, 1 and 3; that of 2 goes to `third`. r3 is
 * lost. */
#define EA_BLOCK_APART(low, middle, top, third)                                                                        \
    "uxtb r3, " #low "\n"                                                                                              \
    "sub " #middle ", " #middle ", r3, lsl #16\n"                                                                      \
    "sbfx " #third ", " #middle ", #0, #24\n"                                                                          \
    "sub " #middle ", " #middle ", " #third "\n"                                                                       \
    "add r3, r3, " #middle ", lsr #16\n"                                                                               \
    "sub " #top ", " #top ", r3, lsl #8\n"                                                                             \
    "sbfx " #middle ", " #top ", #0, #24\n"                                                                            \
    "sub " #top ", " #top ", " #middle "\n"                                                                            \
    "add " #top ", r3, " #top ", asr #8\n"                                                                             \
    "sub " #low ", " #low ", " #top "\n"

#endif

#endif
