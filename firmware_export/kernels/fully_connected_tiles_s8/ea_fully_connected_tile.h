#ifndef EA_FULLY_CONNECTED_TILE_H
#define EA_FULLY_CONNECTED_TILE_H

#include "ea_dsp.h"
#include "ea_language.h"
#include "ea_requantise.h"

#include <stdint.h>

#define EA_OCTET 8
#define EA_OCTET_BLOCK 4 /* values */
#if defined(EA_SMALL)
#define EA_OCTET_UNROLLED 1 /* blocks */
#define EA_OCTET_PASS "1"
#else
#define EA_OCTET_UNROLLED 4
#define EA_OCTET_PASS "4"
#endif
#define EA_OCTET_BLOCK_CODE_BYTES 128

/* One row of at least four values under some octets of units. The assembly knows the order of the fields. */
struct ea_fully_connected_tile {
    const int8_t *x;
    int32_t last; /* of x: its last four values are the first block, the others follow in passes of unrolled ones */
    const int16_t *weights;
    const int32_t *channels;
    int8_t *y;
    int32_t octets;
    const int8_t *x_end;  /* of whole blocks, those behind the first */
    int32_t skipped_code; /* bytes of instructions that the first pass leaves out */
};

#if EA_HAS_DSP

/* r12: x. lr: weights. Sums: r4 of 256 * unit 1 + unit 0, r5 of unit 0, and so on. */
#define EA_OCTET_PRODUCTS(x, weights, both, first)                                                                     \
    "smlad " #both ", " #x ", " #weights ", " #both "\n"                                                               \
    "sxtb16 " #weights ", " #weights "\n"                                                                              \
    "smlad " #first ", " #x ", " #weights ", " #first "\n"

#define EA_OCTET_FIRST_PRODUCTS(x, weights, both, first)                                                               \
    "smuad " #both ", " #x ", " #weights "\n"                                                                          \
    "sxtb16 " #weights ", " #weights "\n"                                                                              \
    "smuad " #first ", " #x ", " #weights "\n"

/* r0: values 1 and 3 of a block, for the second half of its weights. */
#define EA_OCTET_SECOND_PAIR                                                                                           \
    "sxtb16 r0, r0, ror #8\n"                                                                                          \
    "ldrd r2, r3, [lr, #-16]\n" EA_OCTET_PRODUCTS(r0, r2, r4, r5)                                                      \
        EA_OCTET_PRODUCTS(r0, r3, r6, r7) "ldrd r2, r3, [lr, #-8]\n" EA_OCTET_PRODUCTS(r0, r2, r8, r9)                 \
            EA_OCTET_PRODUCTS(r0, r3, r10, r11)

/* r1: where the last four values of x begin. */
#define EA_OCTET_FIRST                                                                                                 \
    "ldr r0, [r12, r1]\n"                                                                                              \
    "ldrd r2, r3, [lr], #32\n"                                                                                         \
    "sxtb16 r1, r0\n" EA_OCTET_FIRST_PRODUCTS(r1, r2, r4, r5)                                                          \
        EA_OCTET_FIRST_PRODUCTS(r1, r3, r6, r7) "ldrd r2, r3, [lr, #-24]\n" EA_OCTET_FIRST_PRODUCTS(r1, r2, r8, r9)    \
            EA_OCTET_FIRST_PRODUCTS(r1, r3, r10, r11) EA_OCTET_SECOND_PAIR

#define EA_OCTET_BLOCKS                                                                                                \
    ".rept " EA_OCTET_PASS "\n"                                                                                        \
    "ldr r2, [lr], #32\n"                                                                                              \
    "ldr r0, [r12], #4\n"                                                                                              \
    "ldr r3, [lr, #-28]\n"                                                                                             \
    "sxtb16 r1, r0\n" EA_OCTET_PRODUCTS(r1, r2, r4, r5)                                                                \
        EA_OCTET_PRODUCTS(r1, r3, r6, r7) "ldrd r2, r3, [lr, #-24]\n" EA_OCTET_PRODUCTS(r1, r2, r8, r9)                \
            EA_OCTET_PRODUCTS(r1, r3, r10, r11) EA_OCTET_SECOND_PAIR ".endr\n"

/* One sum becomes an output: rounded once, in the high half of its product. A negative tie rounds down: the sign goes into
 * the addend. r12: numbers; lr: y. */
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

/* On the stack: the tile, the end of x, where the first pass begins. */
EA_ASSEMBLY void ea_fully_connected_tile_run(struct ea_fully_connected_tile *tile __attribute__((unused)))
{
    __asm__ volatile("push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"
                     "ldrd r1, r3, [r0, #24]\n"
                     "adr r2, 1f\n"
                     "add r2, r2, r3\n"
                     "orr r2, r2, #1\n"
                     "push {r0, r1, r2}\n"
                     "2:\n" /* an octet */
                     "ldr lr, [r0, #8]\n"
                     "ldrd r12, r1, [r0, #0]\n" EA_OCTET_FIRST "ldr r1, [sp, #8]\n"
                     "bx r1\n"
                     ".balign 4\n"
                     "1:\n" EA_OCTET_BLOCKS "ldr r0, [sp, #4]\n"
                     "cmp r12, r0\n"
                     "bne 1b\n"
                     "ldr r0, [sp, #0]\n"
                     "str lr, [r0, #8]\n"
                     "ldrd r12, lr, [r0, #12]\n" EA_OCTET_UNITS(r4, r5, 0) EA_OCTET_UNITS(r6, r7, 2)
                         EA_OCTET_UNITS(r8, r9, 4)
                             EA_OCTET_UNITS(r10, r11, 6) "ldr r0, [sp, #0]\n"
                                                         "ldr r1, [r0, #20]\n"
                                                         "add lr, lr, #8\n"
                                                         "strd r12, lr, [r0, #12]\n"
                                                         "subs r1, r1, #1\n"
                                                         "str r1, [r0, #20]\n"
                                                         "bne 2b\n"
                                                         "add sp, #12\n"
                                                         "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n");
}

#else

/* The sum of a unit of an octet. */
EA_INLINE int32_t
ea_fully_connected_tile_sum(const int8_t *x, int32_t last, const int16_t *weights, int32_t values, int32_t unit)
{
    int32_t sum = 0;
    for (int32_t i = 0; i < values; i++) {
        const int32_t both = weights[i / 2 * EA_OCTET + unit / 2 * 2 + i % 2];
        const int32_t first = (int8_t)(both & 255), of_block = i % EA_OCTET_BLOCK;
        const int32_t start = i < EA_OCTET_BLOCK ? last : i - of_block - EA_OCTET_BLOCK;
        sum += x[start + of_block % 2 * 2 + of_block / 2] * (unit % 2 == 0 ? first : (both - first) / 256);
    }
    return sum;
}

EA_INLINE void ea_fully_connected_tile_run(struct ea_fully_connected_tile *tile)
{
    const int32_t values = EA_OCTET_BLOCK + (int32_t)(tile->x_end - tile->x);
    for (; tile->octets > 0; tile->octets--) {
        for (int32_t unit = 0; unit < EA_OCTET; unit++, tile->channels += 4) {
            const int32_t *const numbers = tile->channels;
            const int32_t sum = numbers[0] +
                                ea_fully_connected_tile_sum(tile->x, tile->last, tile->weights, values, unit);
            const int64_t product = (int64_t)sum * numbers[1] - (sum < 0 ? 1 : 0);
            *tile->y++ = (int8_t)ea_clamp(((int32_t)(product >> 32) + numbers[2]) >> numbers[3], -128, 127);
        }
        tile->weights += values * EA_OCTET / 2;
    }
}

#endif

#endif
