"""The pipelines, as lists anyone can read. Each pass is a function from graph to graph, in the file of its name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from firmware_export.ir import Graph
from firmware_export.optimize import Optimize
from firmware_export.passes.copy_shared_outputs import copy_shared_outputs
from firmware_export.passes.feed_rows import feed_rows as feed_rows
from firmware_export.passes.fold_constants import fold_constants
from firmware_export.passes.fold_padding import fold_padding
from firmware_export.passes.fuse_squeeze_excite import fuse_squeeze_excite
from firmware_export.passes.merge_lookups import merge_lookups
from firmware_export.passes.order_ops import order_ops
from firmware_export.passes.place_states import place_states
from firmware_export.passes.remove_dead_channels import remove_dead_channels
from firmware_export.passes.remove_identities import remove_identities
from firmware_export.passes.remove_unused import remove_unused
from firmware_export.passes.select_kernels import select_kernels
from firmware_export.passes.strip_edges import strip_edges
from firmware_export.passes.tabulate_elementwise import tabulate_elementwise
from firmware_export.passes.tabulate_floats import tabulate_floats
from firmware_export.passes.tabulate_unary import tabulate_unary
from firmware_export.passes.verify import verify
from firmware_export.targets import Isa

Pass = Callable[[Graph], Graph]


def exact(isa: Isa, optimize: Optimize = Optimize.BALANCED) -> tuple[Pass, ...]:
    """The passes that change no output byte."""
    return (
        tabulate_floats,  # first: what is float32 after it is an edge
        strip_edges,
        fold_constants,
        fold_padding,
        tabulate_unary,
        tabulate_elementwise,
        merge_lookups,
        remove_identities,  # after merging: two tables may undo each other
        remove_unused,
        remove_dead_channels,  # after folding and merging: fewer ops to see through
        copy_shared_outputs,  # last of those that change edges: every output gets memory of its own
        place_states,  # after it: a copy of the old value has to come before the new one
        fuse_squeeze_excite,
        partial(select_kernels, isa=isa, optimize=optimize),
        order_ops,  # last: it counts what kernels need beside tensors
    )


def run(graph: Graph, passes: tuple[Pass, ...]) -> Graph:
    """Apply passes in order, the graph verified before and after each."""
    verify(graph)
    for step in passes:
        graph = step(graph)
        verify(graph)
    return graph
