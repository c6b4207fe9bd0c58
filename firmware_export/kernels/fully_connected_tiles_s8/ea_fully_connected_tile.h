#ifndef EA_FULLY_CONNECTED_TILE_H
#define EA_FULLY_CONNECTED_TILE_H

#include "ea_dsp.h"
#include "ea_language.h"
#include "ea_requantise.h"

#include <stdint.h>

#define EA_OCTET 8
#if defined(EA_SMALL)
#define EA_OCTET_UNROLLED 1 /* blocks */
#define EA_OCTET_UNROLLED_PAIRS "2"
#else
#define EA_OCTET_UNROLLED 4
#define EA_OCTET_UNROLLED_PAIRS "8"
#endif
#define EA_OCTET_BLOCK_CODE_BYTES 120

/* One row under some octets of units. The assembly knows the order of the fields. */
struct ea_fully_connected_tile {
    const int16_t *x; /* [block][pair][2] */
    const int16_t *weights;
    const int32_t *channels;
    int8_t *y;
    int32_t octets;
    int32_t passes; /* through the unrolled blocks, the first one maybe in part */
    int32_t blocks;
    int32_t skipped_code; /* bytes of instructions that the first pass leaves out */
};

#if EA_HAS_DSP

/* r12: x. lr: weights. Sums: r4 of 256 * unit 1 + unit 0, r5 of unit 0, and so on. */
#define EA_OCTET_PRODUCTS(weights, both, first)                                                                        \
    "smlad " #both ", r0, " #weights ", " #both "\n"                                                                   \
    "sxtb16 " #weights ", " #weights "\n"                                                                              \
    "smlad " #first ", r0, " #weights ", " #first "\n"

#define EA_OCTET_PAIR                                                                                                  \
    "ldr r0, [r12], #4\n"                                                                                              \
    "ldr r1, [lr], #4\n" EA_OCTET_PRODUCTS(r1, r4, r5) "ldm lr!, {r1, r2, r3}\n" EA_OCTET_PRODUCTS(r1, r6, r7)         \
        EA_OCTET_PRODUCTS(r2, r8, r9) EA_OCTET_PRODUCTS(r3, r10, r11)

/* One sum becomes an output: rounded once, in the high half of its product. A negative tie rounds down: the sign goes into
 * the addend. r12: numbers, sp + 4: the tile; lr: y. */
#define EA_OCTET_UNIT(sum, at)                                                                                         \
    "add " #sum ", r0, " #sum "\n"                                                                                     \
    "asr r0, " #sum ", #31\n"                                                                                          \
    "add r2, r2, r0\n"                                                                                                 \
    "smlal r0, r2, " #sum ", r1\n"                                                                                     \
    "asr r2, r2, r3\n"                                                                                                 \
    "ssat r2, #8, r2\n"                                                                                                \
    "strb r2, [lr, #" #at "]\n"

#define EA_OCTET_UNITS(both, first, at)                                                                                \
    "sub " #both ", " #both ", " #first "\n"                                                                           \
    "asr " #both ", " #both ", #8\n"                                                                                   \
    "ldm r12!, {r0, r1, r2, r3}\n" EA_OCTET_UNIT(first, at) "ldm r12!, {r0, r1, r2, r3}\n" EA_OCTET_UNIT(both, at + 1)

EA_ASSEMBLY void ea_fully_connected_tile_run(struct ea_fully_connected_tile *tile __attribute__((unused)))
{
    __asm__ volatile("push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"
                     "sub sp, #8\n"
                     "str r0, [sp, #4]\n"
                     "2:\n" /* an octet */
                     "ldr r12, [r0, #0]\n"
                     "ldr lr, [r0, #4]\n"
                     "ldr r1, [r0, #20]\n"
                     "ldr r3, [r0, #28]\n"
                     "str r1, [sp]\n"
                     "movs r4, #0\n"
                     "movs r5, #0\n"
                     "movs r6, #0\n"
                     "movs r7, #0\n"
                     "mov r8, #0\n"
                     "mov r9, #0\n"
                     "mov r10, #0\n"
                     "mov r11, #0\n"
                     "adr r1, 1f\n"
                     "add r1, r1, r3\n"
                     "orr r1, r1, #1\n"
                     "bx r1\n"
                     ".balign 4\n"
                     "1:\n.rept " EA_OCTET_UNROLLED_PAIRS "\n" EA_OCTET_PAIR ".endr\n"
                     "ldr r0, [sp]\n"
                     "subs r0, r0, #1\n"
                     "str r0, [sp]\n"
                     "bne 1b\n"
                     "ldr r0, [sp, #4]\n"
                     "str lr, [r0, #4]\n"
                     "ldr r12, [r0, #8]\n"
                     "ldr lr, [r0, #12]\n" EA_OCTET_UNITS(r4, r5, 0) EA_OCTET_UNITS(r6, r7, 2) EA_OCTET_UNITS(r8, r9, 4)
                         EA_OCTET_UNITS(r10, r11, 6) "ldr r0, [sp, #4]\n"
                                                     "ldr r1, [r0, #16]\n"
                                                     "add lr, lr, #8\n"
                                                     "str r12, [r0, #8]\n"
                                                     "str lr, [r0, #12]\n"
                                                     "subs r1, r1, #1\n"
                                                     "str r1, [r0, #16]\n"
                                                     "bne 2b\n"
                                                     "add sp, #8\n"
                                                     "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n");
}

#else

/* The sum of a unit of an octet. */
EA_INLINE int32_t ea_fully_connected_tile_sum(const int16_t *x, const int16_t *weights, int32_t values, int32_t unit)
{
    int32_t sum = 0;
    for (int32_t i = 0; i < values; i++) {
        const int32_t both = weights[i / 2 * EA_OCTET + unit / 2 * 2 + i % 2];
        const int32_t first = (int8_t)(both & 255);
        sum += x[i] * (unit % 2 == 0 ? first : (both - first) / 256);
    }
    return sum;
}

EA_INLINE void ea_fully_connected_tile_run(struct ea_fully_connected_tile *tile)
{
    const int32_t values = tile->blocks * 4;
    for (; tile->octets > 0; tile->octets--) {
        for (int32_t unit = 0; unit < EA_OCTET; unit++, tile->channels += 4) {
            const int32_t *const numbers = tile->channels;
            const int32_t sum = numbers[0] + ea_fully_connected_tile_sum(tile->x, tile->weights, values, unit);
            const int64_t product = (int64_t)sum * numbers[1] - (sum < 0 ? 1 : 0);
            *tile->y++ = (int8_t)ea_clamp(((int32_t)(product >> 32) + numbers[2]) >> numbers[3], -128, 127);
        }
        tile->weights += values * EA_OCTET / 2;
    }
}

#endif

#endif
