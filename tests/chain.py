"""Networks of layers one behind the other, some filters of which are dead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from firmware_export.quantised_math import Affine
from tests.affines import tensor
from tests.kernels.squeeze_excite_models import Network

ZERO, SCALE = -20, 0.05
ACTIVATION = Affine(SCALE, ZERO)
IMAGE = (1, 5, 6, 4)


@dataclass
class Chain(Network):
    """A network that grows layer by layer; all quantised alike."""

    def image(self, shape: tuple[int, ...] = IMAGE) -> int:
        return self.add(tensor(shape, ACTIVATION))

    def conv(self, x: int, outputs: int, kernel: tuple[int, int] = (1, 1), **options: Any) -> int:
        *front, channels = self.tensors[x].shape
        return self.layer("CONV_2D", x, (outputs, *kernel, channels), tensor((*front, outputs), ACTIVATION), **options)

    def depthwise(self, x: int, padding: str = "SAME", **options: Any) -> int:
        _, height, width, channels = self.tensors[x].shape
        size = (height, width) if padding == "SAME" else (height - 2, width - 2)
        output = tensor((1, *size, channels), ACTIVATION)
        return self.layer("DEPTHWISE_CONV_2D", x, (1, 3, 3, channels), output, padding=padding, **options)

    def dense(self, x: int, units: int, **options: Any) -> int:
        depth = int(np.prod(self.tensors[x].shape))
        return self.layer("FULLY_CONNECTED", x, (units, depth), tensor((1, units), ACTIVATION), **options)

    def dead(self, *channels: int, bias: int = 0) -> None:
        """No weights for these output channels of the last layer."""
        filters, biases = self.constants()
        filters[(..., list(channels)) if self.ops[-1].name == "DEPTHWISE_CONV_2D" else list(channels)] = 0
        biases[list(channels)] = bias

    def bias(self, *channels: int, bias: int) -> None:
        """Another bias for these output channels of the last layer."""
        self.constants()[1][list(channels)] = bias

    def constants(self) -> list[Any]:
        """The weights and the bias of the last layer."""
        return [self.tensors[index].data for index in self.ops[-1].inputs[1:]]

    def elementwise(self, name: str, a: int, b: int, **options: Any) -> int:
        shapes = (self.tensors[a].shape, self.tensors[b].shape)
        return self.op(name, (a, b), tensor(max(shapes, key=np.prod), ACTIVATION), **options)

    def reshape(self, x: int, shape: tuple[int, ...]) -> int:
        return self.op("RESHAPE", (x,), tensor(shape, ACTIVATION))
