#ifndef EA_BLOCKS_THUMB_H
#define EA_BLOCKS_THUMB_H

#include "ea_thumb.h"

#if EA_HAS_THUMB

/* r0: x. r1: weights. Sums: r5 of channel 1 + channel 0 * 2^8, r6 of 2 + 1 * 2^16, r7 of 3 + 1 * 2^8. r8: a mask.
 * `sign` makes the value whole. */
#define EA_BLOCK_VALUE(at, sign)                                                                                       \
    "ldrb r2, [r0, #" at "]\n" sign "ldr r3, [r1, #4 * " at "]\n"                                                      \
    "mov r4, r8\n"                                                                                                     \
    "ands r4, r3\n"                                                                                                    \
    "muls r4, r2, r4\n"                                                                                                \
    "adds r6, r6, r4\n"                                                                                                \
    "lsls r4, r3, #8\n"                                                                                                \
    "lsrs r4, r4, #16\n"                                                                                               \
    "muls r4, r2, r4\n"                                                                                                \
    "adds r7, r7, r4\n"                                                                                                \
    "lsrs r3, r3, #16\n"                                                                                               \
    "muls r3, r2, r3\n"                                                                                                \
    "adds r5, r5, r3\n"

/* At the start of each string: compilers turn it back. */
#define EA_BLOCK_SYNTAX ".syntax unified\n"

/* r8: of two bytes. r9: end of x. r10: x. r11: addend. r12: y. lr: where eights of x begin. On the stack: quads left, room
 * for four words, start. */
#define EA_BLOCK_BEGIN                                                                                                 \
    EA_BLOCK_SYNTAX                                                                                                    \
    "push {r4, r5, r6, r7, lr}\n"                                                                                      \
    "mov r4, r8\n"                                                                                                     \
    "mov r5, r9\n"                                                                                                     \
    "mov r6, r10\n"                                                                                                    \
    "mov r7, r11\n"                                                                                                    \
    "push {r4, r5, r6, r7}\n"                                                                                          \
    "sub sp, #24\n"                                                                                                    \
    "ldr r1, [r0, #0]\n"                                                                                               \
    "ldr r2, [r0, #8]\n"                                                                                               \
    "mov r10, r1\n"                                                                                                    \
    "adds r3, r1, r2\n"                                                                                                \
    "mov r9, r3\n"                                                                                                     \
    "movs r3, #7\n"                                                                                                    \
    "ands r2, r3\n"                                                                                                    \
    "adds r2, r2, r1\n"                                                                                                \
    "mov lr, r2\n"                                                                                                     \
    "ldr r1, [r0, #12]\n"                                                                                              \
    "str r1, [sp, #20]\n"                                                                                              \
    "movs r1, #255\n"                                                                                                  \
    "lsls r2, r1, #16\n"                                                                                               \
    "orrs r1, r2\n"                                                                                                    \
    "mov r8, r1\n"                                                                                                     \
    "ldr r1, [r0, #24]\n"                                                                                              \
    "mov r12, r1\n"                                                                                                    \
    "ldr r1, [r0, #36]\n"                                                                                              \
    "mov r11, r1\n"                                                                                                    \
    "ldr r1, [r0, #32]\n"                                                                                              \
    "str r1, [sp, #0]\n"                                                                                               \
    "ldr r1, [r0, #20]\n"

/* Sums in r5, r6 and r7 become those of channels 0 to 3, in r4 to r7. */
#define EA_BLOCK_SUMS_APART                                                                                            \
    "uxtb r3, r5\n"                                                                                                    \
    "lsls r2, r3, #16\n"                                                                                               \
    "subs r6, r6, r2\n"                                                                                                \
    "lsls r2, r6, #8\n"                                                                                                \
    "asrs r2, r2, #8\n"                                                                                                \
    "subs r6, r6, r2\n"                                                                                                \
    "lsrs r6, r6, #16\n"                                                                                               \
    "adds r3, r3, r6\n"                                                                                                \
    "movs r6, r2\n"                                                                                                    \
    "lsls r2, r3, #8\n"                                                                                                \
    "subs r2, r7, r2\n"                                                                                                \
    "lsls r7, r2, #8\n"                                                                                                \
    "asrs r7, r7, #8\n"                                                                                                \
    "subs r2, r2, r7\n"                                                                                                \
    "asrs r2, r2, #8\n"                                                                                                \
    "adds r3, r3, r2\n"                                                                                                \
    "subs r4, r5, r3\n"                                                                                                \
    "asrs r4, r4, #8\n"                                                                                                \
    "movs r5, r3\n"

/* A quad's sums. */
#define EA_BLOCK_SUMS(sign)                                                                                            \
    "mov r0, r10\n"                                                                                                    \
    "ldr r5, [sp, #20]\n"                                                                                              \
    "lsls r6, r5, #16\n"                                                                                               \
    "adds r6, r6, r5\n"                                                                                                \
    "lsls r7, r5, #8\n"                                                                                                \
    "adds r7, r7, r5\n"                                                                                                \
    "movs r5, r7\n"                                                                                                    \
    "b 2f\n"                                                                                                           \
    "1:\n" EA_BLOCK_VALUE("0", sign) "adds r0, r0, #1\n"                                                               \
                                     "adds r1, r1, #4\n"                                                               \
                                     "2:\n"                                                                            \
                                     "cmp r0, lr\n"                                                                    \
                                     "bne 1b\n"                                                                        \
                                     "b 4f\n"                                                                          \
                                     "3:\n"                                                                            \
                                     ".irp at, 0, 1, 2, 3, 4, 5, 6, 7\n" EA_BLOCK_VALUE(                               \
                                         "\\at", sign) ".endr\n"                                                       \
                                                       "adds r0, r0, #8\n"                                             \
                                                       "adds r1, r1, #32\n"                                            \
                                                       "4:\n"                                                          \
                                                       "cmp r0, r9\n"                                                  \
                                                       "bne 3b\n" EA_BLOCK_SUMS_APART

/* The bits of sum * multiplier from 32 on, in two parts: the sum's register, and r3 / 2^16. The products of halves with
 * a sign for the sum's lower one, which fit 32 bits. */
#define EA_BLOCK_PRODUCT(sum, multiplier)                                                                              \
    "sxth r0, " #sum "\n"                                                                                              \
    "subs " #sum ", " #sum ", r0\n"                                                                                    \
    "asrs " #sum ", " #sum ", #16\n"                                                                                   \
    "ldrh r2, [r1, #" multiplier "]\n"                                                                                 \
    "movs r3, r2\n"                                                                                                    \
    "muls r3, r0, r3\n"                                                                                                \
    "asrs r3, r3, #16\n"                                                                                               \
    "muls r2, " #sum ", r2\n"                                                                                          \
    "adds r3, r3, r2\n"                                                                                                \
    "ldrh r2, [r1, #" multiplier " + 2]\n"                                                                             \
    "muls r0, r2, r0\n"                                                                                                \
    "adds r3, r3, r0\n"                                                                                                \
    "muls " #sum ", r2, " #sum "\n"                                                                                    \
    "asrs r3, r3, #16\n"

/* Rounded by the channel's shift, with the output's zero point, as an int8 to y. */
#define EA_BLOCK_OUTPUT(sum, channel)                                                                                  \
    "ldrb r2, [r1, #" #channel "]\n"                                                                                   \
    "mov r0, r11\n"                                                                                                    \
    "lsls r0, r2\n"                                                                                                    \
    "adds " #sum ", " #sum ", r0\n"                                                                                    \
    "asrs " #sum ", r2\n"                                                                                              \
    "asrs " #sum ", " #sum ", #1\n"                                                                                    \
    "sxtb r0, " #sum "\n"                                                                                              \
    "cmp r0, " #sum "\n"                                                                                               \
    "beq 5f\n"                                                                                                         \
    "asrs " #sum ", " #sum ", #31\n"                                                                                   \
    "movs r0, #127\n"                                                                                                  \
    "eors r0, " #sum "\n"                                                                                              \
    "5:\n"                                                                                                             \
    "mov r2, r12\n"                                                                                                    \
    "strb r0, [r2, #" #channel "]\n"

#define EA_BLOCK_NEXT                                                                                                  \
    "adds r2, r2, #4\n"                                                                                                \
    "mov r12, r2\n"                                                                                                    \
    "ldr r0, [sp, #0]\n"                                                                                               \
    "subs r0, r0, #1\n"                                                                                                \
    "str r0, [sp, #0]\n"                                                                                               \
    "beq 6f\n"                                                                                                         \
    "b 0b\n"                                                                                                           \
    "6:\n"

#define EA_BLOCK_END                                                                                                   \
    "add sp, #24\n"                                                                                                    \
    "pop {r4, r5, r6, r7}\n"                                                                                           \
    "mov r8, r4\n"                                                                                                     \
    "mov r9, r5\n"                                                                                                     \
    "mov r10, r6\n"                                                                                                    \
    "mov r11, r7\n"                                                                                                    \
    "pop {r4, r5, r6, r7, pc}\n"

#endif

#endif
