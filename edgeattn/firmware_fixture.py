"""What tests get from the fixture `edgeattn`: networks whose failures are sentences, below the line that failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray

import firmware_export
from edgeattn import budget, golden_file, on_core
from edgeattn.budget import Budget, title
from edgeattn.errors import EdgeattnError
from edgeattn.on_core import Build, Result, Stored
from firmware_export import ExportError, Header, HeaderError, Port

Given = ParamSpec("Given")
Answer = TypeVar("Answer")
NOTHING = Build()


def readable(method: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Make what a method raises on purpose the failure of the test that called it."""

    @wraps(method)
    def call(*arguments: Given.args, **options: Given.kwargs) -> Answer:
        __tracebackhide__ = True
        try:
            return method(*arguments, **options)
        except (EdgeattnError, ExportError) as error:
            message = str(error)
        pytest.fail(message)  # here, where the error is over: it would be shown a second time

    return call


class Ratchet(Enum):
    """What is done with budgets: held, or held and then lowered to what was measured."""

    HOLD = "hold"
    LOWER = "lower"


@dataclass(frozen=True)
class Firmware:
    """A repository with firmware in it. Paths are relative to `root`, pytest's rootdir."""

    root: Path
    ratchet: Ratchet
    measured: dict[str, dict[str, int]]  # by budget, for those who set the numbers

    @readable
    def network(self, path: Path | str, *, sources: Path | str | None = None) -> Network:
        """The network whose `<name>.h` stands there; sources: the folder of `<name>.c` where it is another one."""
        header = firmware_export.read_header(self.place(path), sources=None if sources is None else self.place(sources))
        return Network(self, Path(path), header)

    def place(self, path: Path | str) -> Path:
        """Where a file of the repository is; from the working directory where that is shorter to read."""
        place, here = self.root / path, Path.cwd()
        return place.relative_to(here) if place.is_relative_to(here) else place

    @property
    def pyproject(self) -> Path:
        """The file with the budgets."""
        return self.root / "pyproject.toml"


@dataclass(frozen=True, eq=False)
class Network:
    """One network of the firmware. Whatever is wrong fails the test with a sentence."""

    firmware: Firmware
    path: Path
    header: Header

    def __repr__(self) -> str:
        return f"<network {self.name} of {self.path.as_posix()}>"

    @property
    def name(self) -> str:
        """What the network is called in C."""
        return self.header.program.name

    @property
    def inputs(self) -> tuple[Port, ...]:
        """Name, shape of one sample, scale and zero point of each."""
        return self.header.program.inputs

    @property
    def outputs(self) -> tuple[Port, ...]:
        """Name, shape of one sample, scale and zero point of each."""
        return self.header.program.outputs

    @readable
    def run(self, inputs: object, *, target: str = "", compiler: str = "", optimize: str = "") -> Result:
        """Run the network on samples: an array an input, of its type, of one sample or of (samples, *shape).

        What is not said is as in the network's budget: there the target stands, too.
        """
        return self._run(inputs, Build(target, compiler, optimize), self.name)

    @readable
    def quantise(self, values: object, number: int = 1) -> Stored:
        """Real values as that input stores them, as `<name>_quantise` makes them."""
        return on_core.quantised(values, on_core.numbered(self.inputs, number, "input"))

    @readable
    def dequantise(self, values: Stored, number: int = 1) -> NDArray[np.float32]:
        """Values of that output as real ones, as `<name>_dequantise` makes them."""
        return on_core.dequantised(values, on_core.numbered(self.outputs, number, "output"))

    @readable
    def check_golden(self, path: Path | str, *, target: str = "", compiler: str = "", optimize: str = "") -> Result:
        """Fail unless the inputs in an .npz (m_inputs_1, ...) give its outputs (c_outputs_1, ...), byte for byte."""
        file = self.firmware.place(path)
        inputs, expected = golden_file.read_golden(file, self.header)
        result = self._run(inputs, Build(target, compiler, optimize), self.name)
        golden_file.check_golden(result, expected, self.outputs, file)
        return result

    @readable
    def check_budget(self, name: str = "", *, inputs: object = None) -> Result:
        """Fail where the network costs more than `[tool.edgeattn_budget.<name>]` allows, or does not fit the part.

        name: of the table, the network's own if none is given. inputs: as for `run`; one random sample, always the
        same, if none are given.
        """
        allowed = budget.asked_budget(self.firmware.pyproject, name or self.name)
        self._check_model(allowed)
        samples = on_core.random_inputs(self.header) if inputs is None else inputs
        result = self._run(samples, NOTHING, allowed.name)
        budget.keep_highest(self.firmware.measured, {allowed.name: result.numbers})
        if self.firmware.ratchet is Ratchet.LOWER:  # it sets those that are missing
            allowed = replace(allowed, limits={**result.numbers, **allowed.limits})
        budget.check_budget(allowed, result.numbers, str(result))
        on_core.check_fits(self.header, result)
        return result

    def _check_model(self, allowed: Budget) -> None:
        found, wanted = self.header.program.model_sha256, allowed.model_sha256
        if wanted not in ("", found):
            raise HeaderError(
                f"{self.path} was made from the model with SHA-256 {found}, and {title(allowed.name)} is for {wanted}: "
                "restore the header, or change model_sha256 there"
            )

    def _run(self, inputs: object, build: Build, table: str) -> Result:
        known = budget.read_budget(self.firmware.pyproject, table)
        usual = Build(known.target, known.compiler, known.optimize) if known else NOTHING
        return on_core.run_on_core(self.header, inputs, build.or_else(usual), self.path)
