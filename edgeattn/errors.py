"""The exceptions of edgeattn.

EdgeattnError               1  whatever edgeattn raises on purpose; raised itself only for a bug in edgeattn
├── CalibrationError        2  the samples are of the wrong shape, type or value for this model
├── OptionError             2  an option has a value that makes no sense
├── OutputError             2  the results cannot be written where they should go
├── LoadError               3  the file cannot be loaded: missing, damaged, unsafe, of no known kind
│   ├── SamplesError        3  the same of a file of samples
│   └── ChildDied           3  the process that read the file was killed, aborted or ran out of time
│       └── KernelsDied     3  the same while LiteRT ran: names the kernels, so a report can go on without them
├── UnsupportedModel        4  the model loads but cannot become int8: names the layer or op and a way out
├── BudgetExceeded          5  a network costs more than its repository's budget allows
├── AgreementTooLow         6  the int8 model does not compute what the float model computes
├── GoldenDiffers           6  a network does not give the outputs that a repository keeps of it
└── DeviceDiffers           6  a device does not compute what LiteRT's reference kernels compute

The number is `exit_code`, what the command line returns.
"""

from __future__ import annotations


class EdgeattnError(Exception):
    """Whatever edgeattn raises on purpose. `detail` holds further lines for `--verbose`, or nothing."""

    exit_code = 1

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class CalibrationError(EdgeattnError):
    """The samples are of the wrong shape, type or value for this model."""

    exit_code = 2


class OptionError(EdgeattnError):
    """An option has a value that makes no sense."""

    exit_code = 2


class OutputError(EdgeattnError):
    """The results cannot be written where they should go."""

    exit_code = 2


class LoadError(EdgeattnError):
    """The file cannot be loaded."""

    exit_code = 3


class SamplesError(LoadError):
    """A file of samples cannot be read."""


class ChildDied(LoadError):
    """The process that read the file was killed, aborted or ran out of time."""


class KernelsDied(ChildDied):
    """LiteRT took its process down while it ran the network."""


class UnsupportedModel(EdgeattnError):
    """The model loads but cannot become int8."""

    exit_code = 4


class BudgetExceeded(EdgeattnError):
    """A network costs more than its repository's budget allows."""

    exit_code = 5


class AgreementTooLow(EdgeattnError):
    """The int8 model does not compute what the float model computes."""

    exit_code = 6


class GoldenDiffers(EdgeattnError):
    """A network does not give the outputs that a repository keeps of it."""

    exit_code = 6


class DeviceDiffers(EdgeattnError):
    """A device does not compute what LiteRT's reference kernels compute."""

    exit_code = 6


BY_NAME = {
    kind.__name__: kind
    for kind in (
        EdgeattnError,
        CalibrationError,
        OptionError,
        OutputError,
        LoadError,
        SamplesError,
        ChildDied,
        KernelsDied,
        UnsupportedModel,
        BudgetExceeded,
        AgreementTooLow,
        GoldenDiffers,
        DeviceDiffers,
    )
}
