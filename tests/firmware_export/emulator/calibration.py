"""Two networks whose speed is that of public code with known latencies on a NUCLEO-L4R5ZI at 120 MHz.

Written for this test alone: what counts is how many cycles a multiplication takes and how often a weight is read.
"""

from __future__ import annotations

import itertools

from firmware_export.emulator import Interface
from tests.firmware_export.emulator.headers import Model

OPERATIONS = """
static inline int32_t low_and_third(int32_t bytes)
{
    int32_t result;
    __asm__("sxtb16 %0, %1" : "=r"(result) : "r"(bytes));
    return result;
}
static inline int32_t second_and_fourth(int32_t bytes)
{
    int32_t result;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(result) : "r"(bytes));
    return result;
}
static inline int32_t dual(int32_t a, int32_t b, int32_t sum)
{
    int32_t result;
    __asm__("smlad %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
}
static inline int32_t word(const void *from)
{
    int32_t value;
    memcpy(&value, from, 4);
    return value;
}
static inline int8_t scaled(int32_t sum, int32_t multiplier)
{
    const int32_t high = (int32_t)(((int64_t)sum * multiplier + (1 << 30)) >> 31) >> 5;
    return (int8_t)(high < -128 ? -128 : high > 127 ? 127 : high);
}
"""

# The dense autoencoder of MLPerf Tiny: 264,192 weights, each read once.
DENSE_SIZES = (640, 128, 128, 128, 128, 8, 128, 128, 128, 128, 640)
DENSE_MACS = sum(a * b for a, b in itertools.pairwise(DENSE_SIZES))
DENSE = Model(
    "    int8_t *in = activations, *out = in + 640;\n"
    "    memcpy(in, input, 640);\n    const int8_t *w = model_weights;\n"
    + "".join(
        f"    model_dense(in, w, out, {a}, {b}); memcpy(in, out, {b}); w += {a * b};\n"
        for a, b in itertools.pairwise(DENSE_SIZES)
    )
    + "    memcpy(output, in, 640);\n    return MODEL_OK;",
    Interface((640,), (640,), 1280),
    definitions=f"""{OPERATIONS}
extern const int8_t model_weights[{DENSE_MACS}];
const int8_t model_weights[{DENSE_MACS}] __attribute__((aligned(16))) = {{1}};
extern const int32_t model_bias[640];
const int32_t model_bias[640] = {{1}};
void model_dense(const int8_t *in, const int8_t *w, int8_t *out, int inputs, int outputs);
__attribute__((noinline)) void model_dense(const int8_t *in, const int8_t *w, int8_t *out, int inputs, int outputs)
{{
    for (int o = 0; o < outputs; o++) {{
        int32_t sum = model_bias[o];
        const int8_t *x = in, *end = in + inputs;
        for (; x < end; x += 4, w += 4) {{
            const int32_t weights = word(w), values = word(x);
            sum = dual(low_and_third(weights), low_and_third(values), sum);
            sum = dual(second_and_fourth(weights), second_and_fourth(values), sum);
        }}
        out[o] = scaled(sum, 1 << 30);
    }}
}}""",
)

# A 3 x 3 convolution of 16 to 16 channels, as most of the small ResNet's: patches of two pixels are widened to 16 bits,
# then every filter is read once for the two.
SIDE, CHANNELS = 16, 16
PATCH = 9 * CHANNELS
CONVOLUTION_MACS = (SIDE - 2) ** 2 * PATCH * CHANNELS
CONVOLUTION = Model(
    "    model_convolution(input, activations, output);\n    return MODEL_OK;",
    Interface((SIDE * SIDE * CHANNELS,), ((SIDE - 2) ** 2 * CHANNELS,), 4 * PATCH),
    definitions=f"""{OPERATIONS}
extern const int8_t model_weights[{PATCH * CHANNELS}];
const int8_t model_weights[{PATCH * CHANNELS}] __attribute__((aligned(16))) = {{1}};
extern const int32_t model_bias[{CHANNELS}], model_multiplier[{CHANNELS}];
const int32_t model_bias[{CHANNELS}] = {{1}}, model_multiplier[{CHANNELS}] = {{1}};
static void model_widen(const int8_t *from, int16_t *to)
{{
    for (int k = 0; k < 9; k++)
        for (int c = 0; c < {CHANNELS}; c++)
            *to++ = (int16_t)(from[(k / 3 * {SIDE} + k % 3) * {CHANNELS} + c] + 3);
}}
void model_two(const int16_t *a, int8_t *out);
__attribute__((noinline)) void model_two(const int16_t *patches, int8_t *out)
{{
    const int8_t *w = model_weights;
    for (int o = 0; o < {CHANNELS}; o++) {{
        int32_t one = model_bias[o], two = one;
        const int16_t *a = patches, *b = patches + {PATCH}, *end = b;
        for (; a < end; a += 4, b += 4, w += 4) {{
            const int32_t weights = word(w), even = low_and_third(weights), odd = second_and_fourth(weights);
            one = dual(even, word(a), one);
            one = dual(odd, word(a + 2), one);
            two = dual(even, word(b), two);
            two = dual(odd, word(b + 2), two);
        }}
        out[o] = scaled(one, model_multiplier[o]);
        out[o + {CHANNELS}] = scaled(two, model_multiplier[o]);
    }}
}}
void model_convolution(const int8_t *in, int16_t *patches, int8_t *out);
__attribute__((noinline)) void model_convolution(const int8_t *in, int16_t *patches, int8_t *out)
{{
    for (int y = 0; y < {SIDE - 2}; y++)
        for (int x = 0; x < {SIDE - 2}; x += 2, out += {2 * CHANNELS}) {{
            model_widen(in + (y * {SIDE} + x) * {CHANNELS}, patches);
            model_widen(in + (y * {SIDE} + x + 1) * {CHANNELS}, patches + {PATCH});
            model_two(patches, out);
        }}
}}""",
)
