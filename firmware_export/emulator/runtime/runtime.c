/* The helpers a compiler calls behind the programmer's back (Run-time ABI for the Arm Architecture, section 4), and
 * memcpy, memmove, memset: enough to link an image without building a whole runtime library first. Only for images that
 * run in the emulator. Compiled with -fno-builtin, so that no loop here becomes a call of itself. */

#include <stddef.h>
#include <stdint.h>

#include "string.h"

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    uint8_t *out = to;
    const uint8_t *in = from;
    if ((((uintptr_t)out | (uintptr_t)in) & 3u) == 0) {
        for (; bytes >= 4; bytes -= 4, in += 4, out += 4)
            *(uint32_t *)(void *)out = *(const uint32_t *)(const void *)in;
    }
    while (bytes-- > 0)
        *out++ = *in++;
    return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
    uint8_t *out = to;
    const uint8_t *in = from;
    if ((uintptr_t)out - (uintptr_t)in >= bytes)
        return memcpy(to, from, bytes);
    while (bytes-- > 0)
        out[bytes] = in[bytes];
    return to;
}

void *memset(void *to, int value, size_t bytes)
{
    uint8_t *out = to;
    const uint32_t word = (uint8_t)value * 0x01010101u;
    if (((uintptr_t)out & 3u) == 0) {
        for (; bytes >= 4; bytes -= 4, out += 4)
            *(uint32_t *)(void *)out = word;
    }
    while (bytes-- > 0)
        *out++ = (uint8_t)value;
    return to;
}

#define ALIAS_OF(function) __attribute__((alias(#function)))

void *__aeabi_memcpy(void *restrict to, const void *restrict from, size_t bytes) ALIAS_OF(memcpy);
void *__aeabi_memcpy4(void *restrict to, const void *restrict from, size_t bytes) ALIAS_OF(memcpy);
void *__aeabi_memcpy8(void *restrict to, const void *restrict from, size_t bytes) ALIAS_OF(memcpy);
void *__aeabi_memmove(void *to, const void *from, size_t bytes) ALIAS_OF(memmove);
void *__aeabi_memmove4(void *to, const void *from, size_t bytes) ALIAS_OF(memmove);
void *__aeabi_memmove8(void *to, const void *from, size_t bytes) ALIAS_OF(memmove);

/* The Run-time ABI's memset takes the size before the value. */
__attribute__((noinline)) void __aeabi_memset(void *to, size_t bytes, int value)
{
    memset(to, value, bytes);
}
void __aeabi_memset4(void *to, size_t bytes, int value) ALIAS_OF(__aeabi_memset);
void __aeabi_memset8(void *to, size_t bytes, int value) ALIAS_OF(__aeabi_memset);

void __aeabi_memclr(void *to, size_t bytes)
{
    __aeabi_memset(to, bytes, 0);
}
void __aeabi_memclr4(void *to, size_t bytes) ALIAS_OF(__aeabi_memclr);
void __aeabi_memclr8(void *to, size_t bytes) ALIAS_OF(__aeabi_memclr);

/* Shifts of two words, each by 0 to 63, from shifts of one word by 0 to 31. */
uint64_t __aeabi_llsl(uint64_t value, uint32_t shift)
{
    const uint32_t low = (uint32_t)value, high = (uint32_t)(value >> 32);
    if (shift == 0)
        return value;
    if (shift >= 32)
        return (uint64_t)(low << (shift - 32)) << 32;
    return (uint64_t)(high << shift | low >> (32 - shift)) << 32 | low << shift;
}

uint64_t __aeabi_llsr(uint64_t value, uint32_t shift)
{
    const uint32_t low = (uint32_t)value, high = (uint32_t)(value >> 32);
    if (shift == 0)
        return value;
    if (shift >= 32)
        return high >> (shift - 32);
    return (uint64_t)(high >> shift) << 32 | (low >> shift | high << (32 - shift));
}

int64_t __aeabi_lasr(int64_t value, uint32_t shift)
{
    const uint32_t low = (uint32_t)value;
    const int32_t high = (int32_t)(value >> 32);
    if (shift == 0)
        return value;
    if (shift >= 32)
        return high >> (shift - 32);
    return (int64_t)((uint64_t)(uint32_t)(high >> shift) << 32 | (low >> shift | (uint32_t)high << (32 - shift)));
}

/* a * b modulo 2^64; the full product of the low words is made of four products of 16 bits. */
uint64_t __aeabi_lmul(uint64_t a, uint64_t b)
{
    const uint32_t a_low = (uint32_t)a, b_low = (uint32_t)b;
    const uint32_t a0 = a_low & 0xffffu, a1 = a_low >> 16, b0 = b_low & 0xffffu, b1 = b_low >> 16;
    const uint32_t bottom = a0 * b0;
    const uint32_t middle = a1 * b0 + (bottom >> 16);
    const uint32_t other = a0 * b1 + (middle & 0xffffu);
    const uint32_t low = other << 16 | (bottom & 0xffffu);
    const uint32_t high = a1 * b1 + (middle >> 16) + (other >> 16);
    return (uint64_t)(high + (uint32_t)(a >> 32) * b_low + a_low * (uint32_t)(b >> 32)) << 32 | low;
}

uint32_t __clzsi2(uint32_t value)
{
    uint32_t zeros = 32;
    for (uint32_t step = 16; step > 0; step >>= 1) {
        if (value >> step) {
            zeros -= step;
            value >>= step;
        }
    }
    return zeros - value;
}

struct division32 {
    uint32_t quotient, remainder;
};

static struct division32 divide32(uint32_t dividend, uint32_t divisor)
{
#if defined(__ARM_FEATURE_IDIV)
    const uint32_t whole = dividend / divisor;
    return (struct division32){whole, dividend - whole * divisor};
#else
    uint32_t quotient = 0, bit = 1;
    while (divisor != 0 && divisor <= dividend >> 1) {
        divisor <<= 1;
        bit <<= 1;
    }
    for (; divisor != 0 && bit != 0; bit >>= 1, divisor >>= 1) {
        if (dividend >= divisor) {
            dividend -= divisor;
            quotient |= bit;
        }
    }
    return (struct division32){quotient, dividend};
#endif
}

/* Quotient in r0, remainder in r1: the two halves of a 64-bit result. */
static uint64_t pack(uint32_t quotient, uint32_t remainder)
{
    return (uint64_t)remainder << 32 | quotient;
}

static uint32_t magnitude(int32_t value)
{
    return value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
}

uint64_t __aeabi_uidivmod(uint32_t dividend, uint32_t divisor)
{
    const struct division32 result = divide32(dividend, divisor);
    return pack(result.quotient, result.remainder);
}

uint64_t __aeabi_idivmod(int32_t dividend, int32_t divisor)
{
    const struct division32 result = divide32(magnitude(dividend), magnitude(divisor));
    return pack(
        (dividend ^ divisor) < 0 ? 0u - result.quotient : result.quotient,
        dividend < 0 ? 0u - result.remainder : result.remainder);
}

uint32_t __aeabi_uidiv(uint32_t dividend, uint32_t divisor)
{
    return (uint32_t)__aeabi_uidivmod(dividend, divisor);
}
int32_t __aeabi_idiv(int32_t dividend, int32_t divisor)
{
    return (int32_t)__aeabi_idivmod(dividend, divisor);
}

__attribute__((noinline)) uint64_t ea_divide_unsigned(uint64_t dividend, uint64_t divisor, uint64_t *remainder)
{
    uint64_t quotient = 0, bit = 1;
    if ((dividend | divisor) >> 32 == 0) {
        const struct division32 result = divide32((uint32_t)dividend, (uint32_t)divisor);
        *remainder = result.remainder;
        return result.quotient;
    }
    while (divisor != 0 && divisor <= dividend >> 1) {
        divisor <<= 1;
        bit <<= 1;
    }
    for (; divisor != 0 && bit != 0; bit >>= 1, divisor >>= 1) {
        if (dividend >= divisor) {
            dividend -= divisor;
            quotient |= bit;
        }
    }
    *remainder = dividend;
    return quotient;
}

int64_t ea_divide_signed(int64_t dividend, int64_t divisor, int64_t *remainder)
{
    uint64_t rest;
    const uint64_t top = dividend < 0 ? 0u - (uint64_t)dividend : (uint64_t)dividend;
    const uint64_t bottom = divisor < 0 ? 0u - (uint64_t)divisor : (uint64_t)divisor;
    const uint64_t quotient = ea_divide_unsigned(top, bottom, &rest);
    *remainder = (int64_t)(dividend < 0 ? 0u - rest : rest);
    return (int64_t)((dividend ^ divisor) < 0 ? 0u - quotient : quotient);
}

/* Quotient in r0:r1, remainder in r2:r3: no C type is returned so. The fifth argument is &remainder, on the stack. */
#define DIVIDE_IN_REGISTERS(symbol, function)                                                                          \
    __attribute__((naked)) void symbol(void)                                                                           \
    {                                                                                                                  \
        __asm__("push {r4, lr}\n sub sp, #16\n add r4, sp, #8\n str r4, [sp]\n bl " #function                          \
                "\n ldr r2, [sp, #8]\n ldr r3, [sp, #12]\n add sp, #16\n pop {r4, pc}");                               \
    }

DIVIDE_IN_REGISTERS(__aeabi_uldivmod, ea_divide_unsigned)
DIVIDE_IN_REGISTERS(__aeabi_ldivmod, ea_divide_signed)
