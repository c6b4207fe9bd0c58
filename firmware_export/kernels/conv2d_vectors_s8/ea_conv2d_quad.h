#ifndef EA_CONV2D_QUAD_H
#define EA_CONV2D_QUAD_H

/* Two pixels under the filters of four channels, in assembly. r5: weights. r9: numbers. Both move on to the next quad.
 * Sums of the first pixel: r0, r4, r8, r12, then q2; of the second: r2, r6, r10, lr, then q3. */

/* The products of at most 16 values of each: q4, q5. */
#define EA_QUAD_PRODUCTS                                                                                               \
    "vldrb.u8 q2, [r5], #64\n"                                                                                         \
    "vmladav.s8 r0, q4, q2\n"                                                                                          \
    "vldrb.u8 q3, [r5, #-48]\n"                                                                                        \
    "vmladav.s8 r2, q5, q2\n"                                                                                          \
    "vmladav.s8 r4, q4, q3\n"                                                                                          \
    "vldrb.u8 q2, [r5, #-32]\n"                                                                                        \
    "vmladav.s8 r6, q5, q3\n"                                                                                          \
    "vmladav.s8 r8, q4, q2\n"                                                                                          \
    "vldrb.u8 q3, [r5, #-16]\n"                                                                                        \
    "vmladav.s8 r10, q5, q2\n"                                                                                         \
    "vmladav.s8 r12, q4, q3\n"                                                                                         \
    "vmladav.s8 lr, q5, q3\n"

/* Sums become outputs. load: of the output's offset into r4, and of y0 and y1, which move on by four.
 * q6: low. q7: high. Rounding shifts round halves up: a negative value is lowered by one before, so that its halves go
 * down. */
#define EA_QUAD_OUTPUTS(load, y0, y1)                                                                                  \
    "vldrw.u32 q0, [r9], #48\n"                                                                                        \
    "vmov q2[2], q2[0], r0, r8\n"                                                                                      \
    "vmov q2[3], q2[1], r4, r12\n"                                                                                     \
    "vmov q3[2], q3[0], r2, r10\n"                                                                                     \
    "vadd.i32 q2, q2, q0\n"                                                                                            \
    "vmov q3[3], q3[1], r6, lr\n"                                                                                      \
    "vldrw.u32 q1, [r9, #-32]\n"                                                                                       \
    "vadd.i32 q3, q3, q0\n"                                                                                            \
    "vqrdmulh.s32 q2, q2, q1\n"                                                                                        \
    "vqrdmulh.s32 q3, q3, q1\n" load "vshr.s32 q0, q2, #31\n"                                                          \
    "vadd.i32 q2, q2, q0\n"                                                                                            \
    "vldrw.u32 q1, [r9, #-16]\n"                                                                                       \
    "vshr.s32 q0, q3, #31\n"                                                                                           \
    "vadd.i32 q3, q3, q0\n"                                                                                            \
    "vrshl.s32 q2, q2, q1\n"                                                                                           \
    "vrshl.s32 q3, q3, q1\n"                                                                                           \
    "vadd.i32 q2, q2, r4\n"                                                                                            \
    "vadd.i32 q3, q3, r4\n"                                                                                            \
    "vmax.s32 q2, q2, q6\n"                                                                                            \
    "vmax.s32 q3, q3, q6\n"                                                                                            \
    "vmin.s32 q2, q2, q7\n"                                                                                            \
    "vstrb.32 q2, [" y0 "], #4\n"                                                                                      \
    "vmin.s32 q3, q3, q7\n"                                                                                            \
    "vstrb.32 q3, [" y1 "], #4\n"

#endif
