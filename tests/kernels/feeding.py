"""C that feeds a network its input row by row, in portions of every kind, and misuses it in every way."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from firmware_export.emulator.toolchain import WARNINGS
from firmware_export.export import Export

# Sizes of the portions in which all rows are fed, one after the other, the last size again and again.
PORTIONS = ((1,), (2, 3), (0, 1, 4), (1000,))
CHECKED = """#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define NET_IMPLEMENTATION
#include "net.h"

#define EXPECT(wanted, call) \\
    do { \\
        const int got = (int)(call); \\
        if (got != (int)(wanted)) { \\
            fprintf(stderr, "%s: %d\\n", #call, got); \\
            return 1; \\
        } \\
    } while (0)

static TYPE input[NET_INPUT_BYTES / sizeof(TYPE)];

/* All rows in portions of these sizes. */
static int feed(void *activations, const int32_t *sizes, int32_t count, int in_place)
{
    const int32_t width = NET_ROW_BYTES / (int32_t)sizeof(TYPE);
    for (int32_t y = 0, i = 0; y < NET_ROWS; i += i + 1 < count) {
        const int32_t size = sizes[i] < NET_ROWS - y ? sizes[i] : NET_ROWS - y;
        if (in_place) {
            TYPE *row = net_next_row(activations);
            memcpy(row, input + y * width, NET_ROW_BYTES);
            EXPECT(NET_OK, net_feed(activations, row, 1));
            y++;
            continue;
        }
        EXPECT(NET_OK, net_feed(activations, input + y * width, size));
        y += size;
    }
    return 0;
}

static int misuse(void *activations, OUTPUT *output)
{
    EXPECT(NET_NULL_POINTER, net_begin(NULL));
    EXPECT(NET_MISALIGNED, net_begin((char *)activations + 1));
    EXPECT(NET_NOT_BEGUN, net_feed(activations, input, 1));
    EXPECT(NET_NOT_BEGUN, net_finish(activations, output));
    EXPECT(1, net_next_row(activations) == NULL);
    EXPECT(1, net_next_row(NULL) == NULL);
    EXPECT(NET_OK, net_begin(activations));
    EXPECT(NET_TOO_FEW_ROWS, net_finish(activations, output));
    EXPECT(NET_TOO_MANY_ROWS, net_feed(activations, input, NET_ROWS + 1));
    EXPECT(NET_TOO_MANY_ROWS, net_feed(activations, input, -1));
    EXPECT(NET_NULL_POINTER, net_feed(activations, NULL, 1));
    EXPECT(NET_OK, net_feed(activations, input, NET_ROWS - 1));
    EXPECT(NET_TOO_FEW_ROWS, net_finish(activations, output));
    EXPECT(NET_TOO_MANY_ROWS, net_feed(activations, input, 2));
    EXPECT(NET_NULL_POINTER, net_finish(activations, NULL));
    EXPECT(NET_OK, net_feed(activations, input + NET_INPUT_BYTES / sizeof(TYPE) - NET_ROW_BYTES / sizeof(TYPE), 1));
    EXPECT(1, net_next_row(activations) == NULL);
    EXPECT(NET_TOO_MANY_ROWS, net_feed(activations, input, 1));
    EXPECT(NET_OK, net_feed(activations, NULL, 0));
    EXPECT(NET_OK, net_finish(activations, output));
    EXPECT(NET_NOT_BEGUN, net_finish(activations, output));
    EXPECT(NET_NOT_BEGUN, net_feed(activations, input, 1));
    return 0;
}

int main(void)
{
    void *activations = calloc(1, NET_ACTIVATIONS_BYTES);
    OUTPUT *output = (OUTPUT *)malloc(NET_OUTPUT_BYTES);
    if (fread(input, 1, NET_INPUT_BYTES, stdin) != NET_INPUT_BYTES || misuse(activations, output))
        return 1;
    fwrite(output, 1, NET_OUTPUT_BYTES, stdout);
    SCENARIOS
    free(output);
    free(activations);
    return 0;
}
"""
SCENARIO = """
    {{
        static const int32_t sizes[] = {{{sizes}}};
        memset(activations, 0x5a, NET_ACTIVATIONS_BYTES);
        EXPECT(NET_OK, net_begin(activations));
        EXPECT(0, feed(activations, sizes, {count}, {in_place}));
        EXPECT(NET_OK, net_finish(activations, output));
        fwrite(output, 1, NET_OUTPUT_BYTES, stdout);
    }}"""


def fed(exported: Export, sample: bytes, command: Sequence[str], folder: Path) -> list[bytes]:
    """The first output of each way to feed `sample`, the misused one first."""
    (port, *_), (output, *others) = exported.program.inputs, exported.program.outputs
    assert not others
    scenarios = "".join(
        SCENARIO.format(sizes=", ".join(map(str, sizes)), count=len(sizes), in_place=in_place)
        for sizes in PORTIONS
        for in_place in (0, 1)
    )
    text = CHECKED.replace("TYPE", port.ctype).replace("OUTPUT *", f"{output.ctype} *").replace("SCENARIOS", scenarios)
    for name, content in (exported.files | {"main.c": text}).items():
        (folder / name).write_text(content, encoding="utf-8")
    built = subprocess.run(
        [*command, *WARNINGS, "main.c", "-o", "fed"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr[:3000]
    done = subprocess.run([folder / "fed"], input=sample, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    size = output.nbytes
    return [done.stdout[start : start + size] for start in range(0, len(done.stdout), size)]
