"""What attention costs in a network, and what its gates do on the calibration samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

import firmware_export
from edgeattn.proof import given, integer_ports
from edgeattn.quantise import Prepared
from edgeattn.runners import run_layers, stored
from firmware_export import AttentionBlock, Emulated, Export, GateValues

MOST_SAMPLES = 100


@dataclass(frozen=True, eq=False)
class Gates:
    """The int8 values of one block's gate on some samples."""

    values: NDArray[np.int8]  # (samples, gates)
    of: GateValues

    @cached_property
    def saturated(self) -> float:
        """Share of values at the lowest or the highest that the gate can give: those tell nothing apart any more."""
        return float(np.mean((self.values <= self.of.low) | (self.values >= self.of.high)))

    @cached_property
    def levels(self) -> int:
        """Distinct values, of 256."""
        return len(np.unique(self.values))

    @cached_property
    def dead(self) -> int:
        """Gates that are 0 on every sample: what they gate is lost."""
        return int(np.sum(np.all(self.values == self.of.zero_point, axis=0)))

    @cached_property
    def constant(self) -> int:
        """Gates that are the same on every sample: they could be folded into weights. Of one sample, none."""
        return int(np.sum(np.all(self.values == self.values[:1], axis=0))) if len(self.values) > 1 else 0

    @property
    def count(self) -> int:
        """Gates of one sample."""
        return int(self.values.shape[1])


@dataclass(frozen=True)
class BlockCost:
    """A block and its part of one inference."""

    block: AttentionBlock
    macs: int
    macs_share: float
    instructions: int
    cycles: int
    cycles_share: float


def block_costs(exported: Export, emulated: Emulated) -> tuple[BlockCost, ...]:
    """Every attention block of a network, in its order."""
    return tuple(cost_of(block, exported, emulated) for block in firmware_export.attention_blocks(exported.graph))


def cost_of(block: AttentionBlock, exported: Export, emulated: Emulated) -> BlockCost:
    """The sums over a block's ops."""
    program, cycles = exported.program, emulated.cycles
    macs = sum(layer.macs for layer in program.layers if layer.name in block.ops)
    spent = sum(cycles.layers.get(op, 0) for op in block.ops)
    return BlockCost(
        block,
        macs=macs,
        macs_share=macs / max(program.macs, 1),
        instructions=sum(emulated.layers.get(op, 0) for op in block.ops),
        cycles=spent,
        cycles_share=spent / max(cycles.total, 1),
    )


def measure_gates(prepared: Prepared, exported: Export) -> Mapping[str, Gates]:
    """What each block's gate is on the calibration samples, by the block's name; not of blocks without a gate."""
    blocks = firmware_export.attention_blocks(exported.graph)
    known = {block.name: firmware_export.gate_values(block, exported.graph) for block in blocks}
    gates = {name: gate for name, gate in known.items() if gate is not None}
    if not gates:
        return {}
    samples = tuple(array[:MOST_SAMPLES] for array in prepared.calibration.inputs)
    inputs = given(prepared, exported, stored(samples, integer_ports(exported.program.inputs)))
    values = run_layers(prepared.tflite, inputs, [gate.index for gate in gates.values()])
    pairs = zip(gates.items(), values, strict=True)
    return {name: Gates(array.reshape(len(array), -1).astype(np.int8), gate) for (name, gate), array in pairs}
