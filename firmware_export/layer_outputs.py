"""What every layer must give, by the integer interpreter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from firmware_export import interpreter
from firmware_export.export import Export


def layer_outputs(exported: Export, inputs: Sequence[NDArray[np.int8]]) -> dict[str, bytes]:
    """The output of each layer for one sample, in the order and by the names of the generated C's trace."""
    values = interpreter.run_all(exported.graph, inputs)
    return {op.name: values[op.outputs[0]].tobytes() for op in exported.graph.ops}
