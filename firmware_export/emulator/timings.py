"""How many cycles each core spends on an instruction with memory that never waits, as tables with their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """Instructions that take the same time."""

    ALU = auto()
    LOAD = auto()
    LOAD_PC = auto()
    LOAD_PAIR = auto()
    LOAD_MULTIPLE = auto()
    STORE = auto()
    STORE_INDEXED = auto()  # the offset in a register
    STORE_PAIR = auto()
    STORE_MULTIPLE = auto()
    MULTIPLY = auto()  # and all that the DSP extension multiplies
    MULTIPLY_ACCUMULATE = auto()
    LONG_MULTIPLY = auto()
    LONG_MULTIPLY_ACCUMULATE = auto()
    DIVIDE = auto()
    BRANCH = auto()
    CALL = auto()
    TABLE_BRANCH = auto()
    LOOP = auto()  # low-overhead loops
    SYSTEM = auto()
    BARRIER = auto()
    FLOAT = auto()
    FLOAT_ACCUMULATE = auto()
    FLOAT_DIVIDE = auto()
    FLOAT_LOAD = auto()
    FLOAT_STORE = auto()
    FLOAT_MULTIPLE = auto()
    VECTOR = auto()
    VECTOR_MULTIPLY = auto()
    VECTOR_LOAD = auto()
    VECTOR_STORE = auto()


class Issue(Enum):
    """What one instruction spares or costs the next."""

    APART = "each instruction alone"
    PIPELINED = (
        "a load, or a store with its offset in a register, behind a load that its address does not depend on takes one "
        "cycle less; an address that the instruction before computed takes one more"
    )
    LOAD_USE = "an instruction that needs what the one before loads waits one cycle"
    DUAL = "two independent instructions start together; what was loaded or multiplied is there two cycles later"


@dataclass(frozen=True)
class Cost:
    """Cycles of an instruction, of each register in its list, and more where it branches."""

    cycles: float
    each: float = 0
    taken: float = 0


@dataclass(frozen=True)
class Timing:
    """A core's table. `error` is the fraction by which an estimate may be off on code like ours, and `reason` why."""

    core: str
    issue: Issue
    costs: Mapping[Kind, Cost]
    source: str
    error: float
    reason: str


ONE = Cost(1)
TWO = Cost(2)

V6M = {
    Kind.ALU: ONE,
    Kind.MULTIPLY: ONE,
    Kind.LOAD: TWO,
    Kind.STORE: TWO,
    Kind.STORE_INDEXED: TWO,
    Kind.LOAD_MULTIPLE: Cost(1, each=1, taken=3),
    Kind.STORE_MULTIPLE: Cost(1, each=1),
    Kind.BRANCH: Cost(1, taken=2),
    Kind.CALL: Cost(1, taken=3),
    Kind.SYSTEM: Cost(4),
    Kind.BARRIER: Cost(4),
}
V6M_PLUS = {
    **V6M,
    Kind.LOAD_MULTIPLE: Cost(1, each=1, taken=2),
    Kind.BRANCH: Cost(1, taken=1),
    Kind.CALL: Cost(1, taken=2),
    Kind.SYSTEM: Cost(3),
    Kind.BARRIER: Cost(3),
}
V7M = {
    Kind.ALU: ONE,
    Kind.LOAD: TWO,
    Kind.LOAD_PC: Cost(2, taken=3),
    Kind.LOAD_PAIR: Cost(3),
    Kind.LOAD_MULTIPLE: Cost(1, each=1, taken=3),
    Kind.STORE: ONE,
    Kind.STORE_INDEXED: TWO,
    Kind.STORE_PAIR: Cost(3),
    Kind.STORE_MULTIPLE: Cost(1, each=1),
    Kind.MULTIPLY: ONE,
    Kind.MULTIPLY_ACCUMULATE: TWO,
    Kind.LONG_MULTIPLY: Cost(4),
    Kind.LONG_MULTIPLY_ACCUMULATE: Cost(5.5),
    Kind.DIVIDE: Cost(7),
    Kind.BRANCH: Cost(1, taken=2),
    Kind.CALL: Cost(1, taken=2),
    Kind.TABLE_BRANCH: Cost(3, taken=3),
    Kind.SYSTEM: TWO,
    Kind.BARRIER: Cost(3),
}
V7EM = {
    **V7M,
    Kind.MULTIPLY_ACCUMULATE: ONE,
    Kind.LONG_MULTIPLY: ONE,
    Kind.LONG_MULTIPLY_ACCUMULATE: ONE,
    Kind.FLOAT: ONE,
    Kind.FLOAT_ACCUMULATE: Cost(3),
    Kind.FLOAT_DIVIDE: Cost(14),
    Kind.FLOAT_LOAD: TWO,
    Kind.FLOAT_STORE: TWO,
    Kind.FLOAT_MULTIPLE: Cost(1, each=1),
}
V8M = {
    **V7EM,
    Kind.LOAD: ONE,
    Kind.LOAD_PAIR: TWO,
    Kind.STORE_INDEXED: ONE,
    Kind.STORE_PAIR: TWO,
    Kind.LOAD_MULTIPLE: Cost(1, each=1, taken=2),
}
V7EM_DUAL = {
    **V7EM,
    Kind.LOAD: ONE,
    Kind.LOAD_PAIR: ONE,
    Kind.STORE_INDEXED: ONE,
    Kind.STORE_PAIR: ONE,
    Kind.LOAD_MULTIPLE: Cost(1, each=0.5, taken=2),
    Kind.STORE_MULTIPLE: Cost(1, each=0.5),
    Kind.BRANCH: Cost(1, taken=1),
    Kind.CALL: Cost(1, taken=1),
    Kind.FLOAT_ACCUMULATE: ONE,
    Kind.FLOAT_LOAD: ONE,
    Kind.FLOAT_STORE: ONE,
}
HELIUM = {
    **V8M,
    Kind.LOOP: ONE,
    Kind.BRANCH: Cost(1, taken=1),
    Kind.VECTOR: TWO,
    Kind.VECTOR_MULTIPLY: TWO,
    Kind.VECTOR_LOAD: TWO,
    Kind.VECTOR_STORE: TWO,
}

TIMINGS = {
    timing.core: timing
    for timing in (
        Timing(
            "cortex-m0",
            Issue.APART,
            V6M,
            "Cortex-M0 TRM (DDI0432C) table 3-1, its BL, POP, MRS and barriers not looked up again; MULS in 1 cycle, "
            "the option STM32F0 is built with",
            0.05,
            "every time in the table is fixed; nothing overlaps",
        ),
        Timing(
            "cortex-m0plus",
            Issue.APART,
            V6M_PLUS,
            "Cortex-M0+ TRM (DDI0484C) table 3.1; MULS in 1 cycle, the option STM32 is built with",
            0.05,
            "every time in the table is fixed; nothing overlaps",
        ),
        Timing(
            "cortex-m3",
            Issue.PIPELINED,
            V7M,
            "Cortex-M3 TRM (DDI0337I) table 3-1 and section 3.3.3; the middle of 3 to 5 cycles for UMULL and SMULL, of "
            "4 to 7 for UMLAL and SMLAL, of 2 to 12 for a division; a refill of 2 of 1 to 3 cycles",
            0.15,
            "refills, divisions and long products take 1 to 3, 2 to 12 and 3 to 7 cycles, by alignment and operands",
        ),
        Timing(
            "cortex-m4",
            Issue.PIPELINED,
            V7EM,
            "Cortex-M4 TRM (100166) table 3-1 and its section on load and store timings; the middle of 2 to 12 cycles "
            "for a division; a refill of 2 of 1 to 3 cycles; floating point (DDI0439 table 7-1) not looked up again",
            0.15,
            "refills take 1 to 3 cycles and divisions 2 to 12, by alignment and operands",
        ),
        Timing(
            "cortex-m7",
            Issue.DUAL,
            V7EM_DUAL,
            "Arm publishes no times for the Cortex-M7: an approximation from the pipeline that its TRM (DDI0489) "
            "describes, two instructions in order, branches predicted",
            0.35,
            "which pairs start together, and caches, are not modelled in detail",
        ),
        Timing(
            "cortex-m33",
            Issue.LOAD_USE,
            V8M,
            "Arm publishes no full table for the Cortex-M33: an approximation from the Cortex-M4's, with loads of one "
            "cycle and a wait of one for their use (TRM 100230 describes the pipeline)",
            0.25,
            "the core also starts some pairs of 16-bit instructions together, which is not modelled",
        ),
        Timing(
            "cortex-m55",
            Issue.LOAD_USE,
            HELIUM,
            "an approximation: vector instructions take two beats of two lanes each, and overlap by one cycle with a "
            "vector instruction before them that uses another unit (TRM 101051); scalars as on the Cortex-M33",
            0.35,
            "overlap of vector instructions and caches are not modelled in detail",
        ),
    )
}
