#ifndef EA_LOOKUP_S8_MVE_C
#define EA_LOOKUP_S8_MVE_C

#include "ea_language.h"
#include "ea_lookup_s8.h"
#include "ea_vectors.h"

#if EA_HAS_VECTORS

/* Sixteen values at a time: plus 128 they are places in the table. */
EA_VECTOR_ASSEMBLY void ea_lookup_all(
    const struct ea_lookup_s8 *p __attribute__((unused)), const int8_t *x __attribute__((unused)),
    int8_t *y __attribute__((unused)))
{
    __asm__ volatile("push {r4, lr}\n"
                     "ldrd r12, r3, [r0]\n"
                     "mov r4, #128\n"
                     "wlstp.8 lr, r12, 2f\n"
                     "1:\n"
                     "vldrb.u8 q0, [r1], #16\n"
                     "vadd.i8 q0, q0, r4\n"
                     "vldrb.u8 q1, [r3, q0]\n"
                     "vstrb.8 q1, [r2], #16\n"
                     "letp lr, 1b\n"
                     "2:\n"
                     "pop {r4, pc}\n");
}

#else

EA_INLINE void ea_lookup_all(const struct ea_lookup_s8 *p, const int8_t *x, int8_t *y)
{
    for (int32_t i = 0; i < p->count; i++)
        y[i] = p->table[x[i] + 128];
}

#endif

static void ea_lookup_s8_mve(const struct ea_lookup_s8 *p, const int8_t *x, int8_t *y)
{
    ea_lookup_all(p, x, y);
}

#endif
