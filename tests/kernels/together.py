"""Many networks as one, so that a table of cases is one firmware image: each runs on its part of input and output."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from firmware_export.emulator.firmware import Firmware
from firmware_export.emulator.interface import Interface, Sample
from tests.kernels.batch import Outputs, Prepared, to_bytes

ALIGN = 16
MOST_NETWORKS = 40
MOST_BYTES = 160_000  # of constants and samples: code comes on top, and the board has 512 KiB


def aligned(size: int) -> int:
    return -(-size // ALIGN) * ALIGN


def parts(batch: Sequence[Prepared]) -> Iterator[tuple[Prepared, ...]]:
    """The networks without a state, as many at a time as fit a board."""
    part: list[Prepared] = []
    for item in batch:
        if item.interface.state_bytes:
            continue
        if part and (len(part) == MOST_NETWORKS or sum(map(flash_bytes, (*part, item))) > MOST_BYTES):
            yield tuple(part)
            part = []
        part.append(item)
    if part:
        yield tuple(part)


def flash_bytes(item: Prepared) -> int:
    constants = sum(const.values.nbytes for const in item.export.program.consts)
    return constants + len(item.inputs) * sum(map(aligned, item.interface.input_bytes))


def firmware_of_all(part: Sequence[Prepared]) -> Firmware:
    """One network `together` of one input and one output."""
    inputs, outputs = (sum(map(aligned, sizes(part, kind))) for kind in ("input_bytes", "output_bytes"))
    activations = max(item.interface.activations_bytes for item in part)
    interface = Interface((inputs,), (outputs,), activations, alignments=(ALIGN, ALIGN))
    headers = {file: text for item in part for file, text in item.export.files.items()}
    return Firmware("together", headers | {"together.h": header_text(part)}, interface, {}, stack_bytes=4096)


def sizes(part: Sequence[Prepared], kind: str) -> list[int]:
    return [size for item in part for size in getattr(item.interface, kind)]


def header_text(part: Sequence[Prepared]) -> str:
    includes = "\n".join(f'#define {i.symbol.upper()}_IMPLEMENTATION\n#include "{i.symbol}.h"' for i in part)
    return f"""#ifndef TOGETHER_H
#define TOGETHER_H
#include <stdint.h>
int together_run(void *activations, const int8_t *input, int8_t *output);
#endif
#ifdef TOGETHER_IMPLEMENTATION
{includes}
int together_run(void *activations, const int8_t *input, int8_t *output)
{{
    int wrong = 0;
{calls_text(part)}    return wrong;
}}
#endif
"""


def calls_text(part: Sequence[Prepared]) -> str:
    text, inputs, outputs = "", 0, 0
    for item in part:
        arguments = ["activations"]
        ports = item.export.program.ports
        for port, size in zip(ports, item.interface.input_bytes, strict=False):
            arguments.append(f"(const {port.ctype} *)(const void *)(input + {inputs})")
            inputs += aligned(size)
        for port, size in zip(ports[len(item.interface.input_bytes) :], item.interface.output_bytes, strict=True):
            arguments.append(f"({port.ctype} *)(void *)(output + {outputs})")
            outputs += aligned(size)
        text += f"    wrong += (int){item.symbol}_run({', '.join(arguments)});\n"
    return text


def samples_of_all(part: Sequence[Prepared]) -> list[Sample]:
    """Each sample of all networks, side by side."""
    count = len(part[0].inputs)
    return [(b"".join(padded(data) for item in part for data in to_bytes(item.inputs[i])),) for i in range(count)]


def padded(data: bytes) -> bytes:
    return data.ljust(aligned(len(data)), b"\0")


def outputs_of(outputs: Sequence[bytes], part: Sequence[Prepared]) -> dict[str, Outputs]:
    """Each case's own, from what the networks gave together for each sample."""
    found: dict[str, list[tuple[bytes, ...]]] = {item.case.name: [] for item in part}
    for data in outputs:
        start = 0
        for item in part:
            own = []
            for size in item.interface.output_bytes:
                own.append(data[start : start + size])
                start += aligned(size)
            found[item.case.name].append(tuple(own))
    return {name: tuple(rows) for name, rows in found.items()}
