#ifndef EA_BATCH_MATMUL_S8_MVE_C
#define EA_BATCH_MATMUL_S8_MVE_C

#include "ea_language.h"
#include "ea_matmul_s8.h"
#include "ea_matmul_vectors.h"
#include "ea_requantise.h"

EA_INLINE int32_t ea_batch_matmul_vectors_scale(const struct ea_matmul_s8 *p, uint32_t sum)
{
    return ea_requantise_twice(ea_wrap(sum), (int32_t)p->multiplier, p->shift);
}

static void ea_batch_matmul_s8_mve(const struct ea_matmul_s8 *p, const int8_t *a, const int8_t *b, int8_t *y)
{
    ea_matmul_vectors_all(p, ea_batch_matmul_vectors_scale, a, b, y);
}

#endif
