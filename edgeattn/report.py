"""The result of a conversion as a value, and as JSON for scripts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from statistics import mean
from typing import Any

import firmware_export
from edgeattn import models
from edgeattn.attention import BlockCost, Gates, block_costs
from edgeattn.calibration import Source
from edgeattn.memory_facts import memory_facts
from edgeattn.proof import Proof
from edgeattn.quantise import Prepared
from firmware_export import Compression, Emulated, Export, Layer, Needs, Optimize, Port, Sizes, Target, WhatIf

RANDOM_DATA = (
    "calibrated or compared with RANDOM data: the accuracy of this integer network is NOT to be trusted; "
    "give real samples with --calibration"
)
CONSTANT_DATA = (
    "every value of the calibration samples is the same: the ranges learned from them are NOT to be trusted; "
    "check the samples, --scale and --offset"
)
OTHER_CLASSES = (
    "the largest value of {output} stands at the same place in float and {kind} in only {acc:.1%} of the samples: "
    "if this is a classifier, it often chooses another class, whatever the cosine; calibrate with more real samples"
)
LEAST_ACC = 0.9


@dataclass(frozen=True, eq=False)
class Report:
    """All that was found out about one network on one target."""

    model: str  # the file's name
    target: Target
    optimize: Optimize
    prepared: Prepared
    exported: Export
    proof: Proof
    missing: Mapping[str, int] | None = None  # bytes by memory, found out by linking for the part; None: not linked
    files: tuple[str, ...] = ()  # those that were written
    gates: Mapping[str, Gates] = field(default_factory=dict)  # of attention blocks, by name, where they were measured
    what_ifs: tuple[WhatIf, ...] = ()  # changes that were planned for comparison

    @property
    def name(self) -> str:
        """The network's name in C."""
        return self.exported.program.name

    @property
    def byte_exact(self) -> bool:
        """Whether the emulated core gave the reference's bytes."""
        return self.proof.differing_bytes == 0

    @cached_property
    def needs(self) -> Needs:
        """The memory it takes; the caller's input and output buffers and one state count as static RAM."""
        program, emulated = self.exported.program, self.proof.emulated
        buffers = sum(port.nbytes for port in (*program.inputs, *program.outputs))
        return Needs(
            activations_bytes=program.activations_bytes,
            stack_bytes=emulated.stack_bytes,
            static_ram_bytes=emulated.sizes.static_ram + buffers + program.state_bytes,
            flash_bytes=emulated.sizes.flash,
            banks=tuple((bank.name, bank.size) for bank in program.banks),
        )

    @property
    def shortfall(self) -> str:
        """What the target lacks, as words; nothing where it fits."""
        missing = self.missing
        if missing is None:  # not linked
            lacks = firmware_export.shortfalls(self.target, self.needs)
            missing = {lack.memory.value: lack.bytes for lack in lacks}
        words = " and ".join(f"{amount:,} bytes of {memory} too few" for memory, amount in sorted(missing.items()))
        one_piece = f" (its largest contiguous RAM is {self.target.largest_ram_bytes:,} bytes)"
        return words + (one_piece if set(missing) - {"FLASH", "flash"} else "")

    @property
    def fits(self) -> tuple[Target, ...]:
        """The parts of the table that have the memory."""
        return firmware_export.fitting(self.needs)

    @property
    def ram_bytes(self) -> int:
        """The activations, and the inputs and outputs that do not lie in them."""
        return firmware_export.ram_of(self.exported.graph, self.exported.plan)

    @cached_property
    def attention(self) -> tuple[BlockCost, ...]:
        """The attention blocks and what each costs."""
        return block_costs(self.exported, self.proof.emulated)

    @property
    def instructions(self) -> int:
        """Instructions of one inference, the mean over the samples."""
        return round(mean(self.proof.emulated.instructions))

    @property
    def milliseconds(self) -> float | None:
        """The estimated time of one inference at the part's full clock; None for a core alone."""
        return self.proof.emulated.cycles.milliseconds(self.target.mhz) if self.target.mhz else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a user must know before trusting the numbers."""
        return (
            *self._too_small,
            *self._random_data,
            *self._constant_data,
            *self._other_classes,
            *self._other_core,
            *self.proof.notes,
        )

    @property
    def _too_small(self) -> tuple[str, ...]:
        text = f"{self.name} does not fit {self.target.name}: {self.shortfall}; convert refuses it"
        return (f"{text}, so choose a larger part",) if self.shortfall else ()

    @property
    def _random_data(self) -> tuple[str, ...]:
        sources = {self.prepared.calibration.source, self.prepared.validation.source}
        return (RANDOM_DATA,) if Source.RANDOM in sources and self.proof.agreement is not None else ()

    @property
    def _constant_data(self) -> tuple[str, ...]:
        inputs = self.prepared.calibration.inputs
        flat = any(samples.min() == samples.max() for samples in inputs) and self.proof.agreement is not None
        return (CONSTANT_DATA,) if flat else ()

    @property
    def _other_classes(self) -> tuple[str, ...]:
        pairs = zip(self.exported.program.outputs, self.proof.outputs, strict=False)  # none, where there is no float
        return tuple(
            OTHER_CLASSES.format(output=port.name, acc=part.acc, kind=part.candidate)
            for port, part in pairs
            if 1 < port.elements == port.shape[-1] and part.acc < LEAST_ACC
        )

    @property
    def _other_core(self) -> tuple[str, ...]:
        wanted, used = self.target.core.name, self.proof.emulated.core
        where = f"nothing here runs this network on a {wanted} (QEMU has an M55 with 512 KiB for code and weights)"
        text = f"{where}: built for, run and counted on {used} instead"
        return () if wanted == used else (text,)


def report_json(report: Report) -> str:
    """The report for scripts: the same input gives the same text."""
    return json.dumps(as_dict(report), indent=1) + "\n"


def as_dict(report: Report) -> dict[str, Any]:
    """Plain facts. Keys may join, none leaves."""
    program, emulated, proof = report.exported.program, report.proof.emulated, report.proof
    return {
        "edgeattn": version("edgeattn"),
        "name": report.name,
        "model": report.model,
        "model_sha256": hashlib.sha256(report.prepared.tflite).hexdigest(),
        "target": report.target.name,
        "core": emulated.core,
        "emulator": emulated.emulator.value,
        "compiler": emulated.compiler,
        "compiler_flags": emulated.compiler_flags,
        "optimize": report.optimize.value,
        "byte_exact": report.byte_exact,
        "inputs_compared": proof.inputs_compared,
        "differing_bytes": proof.differing_bytes,
        "agreement": proof.agreement.as_dict() if proof.agreement else None,
        "agreement_per_output": [part.as_dict() for part in proof.outputs],
        "default_kernels": {"differing_bytes": proof.default_differing, "bytes": proof.values},
        "calibration": samples_dict(report.prepared.calibration),
        "validation": samples_dict(report.prepared.validation),
        "activations": program.arithmetic,
        "macs": program.macs,
        "instructions": report.instructions,
        "cycles_estimate": emulated.cycles.total,
        "cycles_error": emulated.cycles.error,
        "cycles_model": emulated.cycles.model,
        "ms_estimate": report.milliseconds,
        "activations_bytes": program.activations_bytes,
        "banks": [{"name": bank.name, "bytes": bank.size, "room": bank.room} for bank in program.banks],
        "state_bytes": program.state_bytes,
        "stack_bytes": emulated.stack_bytes,
        "static_ram_bytes": emulated.sizes.static_ram,
        "flash_bytes": {
            "code": emulated.sizes.code,
            "weights": emulated.sizes.weights,
            "tables": emulated.sizes.tables,
        },
        "compression": compression_dict(report.exported.compression, emulated),
        "sections": sections_dict(emulated.sizes),
        **memory_dict(report.needs, report.target),
        "memory": memory_facts(report.exported.timeline, report.what_ifs),
        "inputs": port_dicts(program.inputs, report.prepared.model.inputs),
        "outputs": port_dicts(program.outputs, report.prepared.model.outputs),
        "removed_channels": report.exported.removed_channels,
        "layers": [layer_dict(layer, emulated) for layer in program.layers],
        "attention": [block_dict(cost, report.gates.get(cost.block.name)) for cost in report.attention],
        "fits": [target.name for target in report.fits],
        "shortfall": report.shortfall,
        "warnings": list(report.warnings),
        "files": list(report.files),
    }


def compression_dict(compression: Compression | None, emulated: Emulated) -> dict[str, Any] | None:
    """What compressing weights did; None where nobody asked for it. `saved_bytes` is an estimate, and so are cycles."""
    if compression is None:
        return None
    return {
        "most_ram_bytes": compression.most_ram_bytes,
        "activations_bytes_more": compression.activations_bytes,
        "saved_bytes": compression.saved_bytes,
        "codes_bytes": compression.codes_bytes,
        "instructions": emulated.decoding.instructions,
        "cycles_estimate": emulated.decoding.cycles,
        "layers": [
            {
                "name": layer.name,
                "bytes": layer.bytes,
                "coded_bytes": layer.coded_bytes,
                "ram_bytes": layer.ram_bytes,
                "instructions": emulated.decoding.layers.get(layer.name, 0),
            }
            for layer in compression.layers
        ],
        "kept": {name: why.value for name, why in compression.kept.items()},
    }


def sections_dict(sizes: Sizes) -> dict[str, int]:
    """The sections of the linked network, and how much of .text the kernels are."""
    return {
        "text": sizes.code,
        "rodata": sizes.weights + sizes.tables,
        "data": sizes.data,
        "bss": sizes.bss,
        "kernels": sizes.kernels,
    }


def memory_dict(needs: Needs, target: Target) -> dict[str, int | None]:
    """What it takes of what the target has; None where the target's is not known, as of a core or of external flash."""
    return {
        "needed_ram_bytes": needs.ram_bytes,
        "target_ram_bytes": target.ram_bytes or None,
        "needed_flash_bytes": needs.flash_bytes,
        "target_flash_bytes": target.flash_bytes or None,
    }


def samples_dict(samples: Any) -> dict[str, Any]:
    """Where samples came from and how many they are."""
    return {"source": samples.source.value, "samples": samples.count, "description": samples.description}


def port_dicts(ports: Sequence[Port], given: Sequence[models.Port]) -> list[dict[str, Any]]:
    """Inputs or outputs as firmware sees them, with the model's own name for each."""
    return [
        {
            "name": port.name,
            "model_name": known.name,
            "shape": list(port.shape),
            "dtype": str(port.dtype),
            "scale": port.scale,
            "zero_point": port.zero_point,
        }
        for port, known in zip(ports, given, strict=True)
    ]


def layer_dict(layer: Layer, emulated: Emulated) -> dict[str, Any]:
    """One layer; a layer that costs nothing, such as a reshape, has no instructions."""
    return {
        "name": layer.name,
        "op": layer.kind,
        "kernel": layer.kernel,
        "macs": layer.macs,
        "weights_bytes": layer.weights_bytes,
        "activations_bytes": layer.activations_bytes,
        "instructions": emulated.layers.get(layer.name, 0),
        "cycles_estimate": emulated.cycles.layers.get(layer.name, 0),
        "output_shape": list(layer.output_shape),
    }


def block_dict(cost: BlockCost, gates: Gates | None) -> dict[str, Any]:
    """One attention block; what its gate does where that was measured, as `analyze` does."""
    return {
        "name": cost.block.name,
        "kind": cost.block.kind.value,
        "layers": list(cost.block.ops),
        "macs": cost.macs,
        "macs_share": cost.macs_share,
        "instructions": cost.instructions,
        "cycles_estimate": cost.cycles,
        "cycles_share": cost.cycles_share,
        "gate": None if gates is None else gate_dict(gates),
    }


def gate_dict(gates: Gates) -> dict[str, Any]:
    """A gate on the calibration samples."""
    return {
        "samples": len(gates.values),
        "gates": gates.count,
        "saturated": gates.saturated,
        "levels": gates.levels,
        "dead": gates.dead,
        "constant": gates.constant,
    }
