"""Networks that remember, over a stream of inferences: what is read and stored when, and where it can lie."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.kernels.case import Case
from tests.stateful import Stateful, int8, int16

START = np.array([[5, -7, 0, 127]])
ROW = int8(1, 4)
HOLE, NOTHING = np.array([[1, 2, 3, 4, 5]]), np.zeros((1, 3), np.int16)
Network = Callable[[Stateful], tuple[int, ...]]  # adds to it and gives its outputs


def the_input_of_the_inference_before(net: Stateful) -> tuple[int, ...]:
    x, before = net.tensor(ROW), net.variable("before", START)
    value = net.read(before, ROW)
    net.assign(before, x)
    return (value,)


def a_delay_line_of_three(net: Stateful) -> tuple[int, ...]:
    x = net.tensor(ROW)
    line = [net.variable(f"line_{number}", START + number - 2) for number in range(3)]
    values = [net.read(variable, ROW) for variable in line]
    joined = net.op("CONCATENATION", x, *values, to=int8(1, 16), axis=1)
    for variable, value in zip(line, (x, *values), strict=False):
        net.assign(variable, value)
    return (joined,)


def a_running_sum_is_the_output(net: Stateful) -> tuple[int, ...]:
    x, total = net.tensor(ROW), net.variable("total", START)
    more = net.op("ADD", net.read(total, ROW), x, to=ROW)
    net.assign(total, more)
    return (more,)


def a_running_mean_behind_other_layers(net: Stateful) -> tuple[int, ...]:
    x, mean = net.tensor(ROW), net.variable("mean", START)
    half = net.op(
        "AVERAGE_POOL_2D", net.op("RESHAPE", x, to=int8(1, 4, 1, 1)), to=int8(1, 2, 1, 1), filter=(2, 1), strides=(2, 1)
    )
    two = net.op("CONCATENATION", half, half, to=int8(1, 4, 1, 1), axis=1)
    mixed = net.op("ADD", net.read(mean, ROW), net.op("RESHAPE", two, to=ROW), to=ROW)
    net.assign(mean, net.op("RELU", mixed, to=ROW))
    return (net.op("RELU6", mixed, to=int8(1, 4, scale=1 / 16)),)


def the_next_value_is_written_over_the_old_one(net: Stateful) -> tuple[int, ...]:
    x, peak = net.tensor(ROW), net.variable("peak", START)
    joined = net.op("ADD", net.read(peak, ROW), x, to=ROW)
    later = net.op("MAXIMUM", joined, x, to=ROW)
    net.assign(peak, later)
    return (net.op("MINIMUM", later, joined, to=ROW),)


def the_old_value_is_read_after_the_new_one_is_stored(net: Stateful) -> tuple[int, ...]:
    x, before = net.tensor(ROW), net.variable("before", START)
    old = net.read(before, ROW)
    net.assign(before, net.op("RELU", x, to=ROW))
    return (net.op("ADD", old, x, to=ROW),)


def a_read_after_the_assignment_sees_the_new_value(net: Stateful) -> tuple[int, ...]:
    x, variable = net.tensor(ROW), net.variable("a", START)
    net.assign(variable, x)
    return (net.read(variable, ROW),)


def reads_before_and_after_the_assignment(net: Stateful) -> tuple[int, ...]:
    x, variable = net.tensor(ROW), net.variable("a", START)
    before = net.read(variable, ROW)
    again = net.read(variable, ROW)
    net.assign(variable, net.op("ADD", x, again, to=ROW))
    after = net.read(variable, ROW)
    return before, net.op("MAXIMUM", after, before, to=ROW), after


def a_variable_assigned_twice(net: Stateful) -> tuple[int, ...]:
    x, variable = net.tensor(ROW), net.variable("a", START)
    before = net.read(variable, ROW)
    net.assign(variable, x)
    net.assign(variable, net.op("ADD", net.read(variable, ROW), before, to=ROW))
    return (before,)


def a_variable_never_assigned(net: Stateful) -> tuple[int, ...]:
    x, variable = net.tensor(ROW), net.variable("a", START)
    return (net.op("ADD", x, net.read(variable, ROW), to=ROW),)


def a_variable_assigned_its_own_value(net: Stateful) -> tuple[int, ...]:
    x, variable, other = net.tensor(ROW), net.variable("a", START), net.variable("b", START + 0)
    value = net.read(variable, ROW)
    net.assign(variable, value)
    before = net.read(other, ROW)
    net.assign(other, x)
    return (net.op("ADD", net.op("ADD", x, value, to=ROW), before, to=ROW),)


def two_variables_that_change_places(net: Stateful) -> tuple[int, ...]:
    x, a, b = net.tensor(ROW), net.variable("a", START), net.variable("b", -START)
    old_a, old_b = net.read(a, ROW), net.read(b, ROW)
    net.assign(a, old_b)
    net.assign(b, old_a)
    return (net.op("ADD", x, old_a, to=ROW),)


def three_variables_that_change_places(net: Stateful) -> tuple[int, ...]:
    x = net.tensor(ROW)
    ring = [net.variable(name, START - number) for number, name in enumerate("abc")]
    old = [net.read(variable, ROW) for variable in ring]
    for variable, value in zip(ring, (old[1], old[2], old[0]), strict=True):
        net.assign(variable, value)
    also = net.variable("also a", START + 0)
    before = net.read(also, ROW)
    net.assign(also, old[1])
    return net.op("ADD", x, old[0], to=ROW), before


def one_value_in_two_variables(net: Stateful) -> tuple[int, ...]:
    x, a, b = net.tensor(ROW), net.variable("a", START), net.variable("b", -START)
    old = net.op("ADD", net.read(a, ROW), net.read(b, ROW), to=ROW)
    new = net.op("MAXIMUM", x, old, to=ROW)
    net.assign(a, new)
    net.assign(b, new)
    return (old,)


def a_value_under_another_shape(net: Stateful) -> tuple[int, ...]:
    x, image = net.tensor(ROW), net.variable("image", START.reshape(1, 2, 2, 1))
    pooled = net.op("MAX_POOL_2D", net.read(image, int8(1, 2, 2, 1)), to=int8(1, 1, 1, 1), filter=(2, 2))
    net.assign(image, net.op("RESHAPE", x, to=int8(1, 2, 2, 1)))
    return (net.op("MAXIMUM", x, pooled, to=int8(1, 1, 1, 4)),)


def a_constant_is_stored(net: Stateful) -> tuple[int, ...]:
    x, first = net.tensor(ROW), net.variable("first", START)
    before = net.read(first, ROW)
    net.assign(first, net.tensor(int8(1, 4, data=np.full((1, 4), 9, np.int8))))
    return (net.op("ADD", x, before, to=ROW),)


def a_variable_without_an_initial_value(net: Stateful) -> tuple[int, ...]:
    x, scratch = net.tensor(ROW), net.variable("scratch")
    net.assign(scratch, net.op("ADD", x, x, to=ROW))
    return (net.op("MAXIMUM", x, net.read(scratch, ROW), to=ROW),)


def a_variable_that_no_output_depends_on(net: Stateful) -> tuple[int, ...]:
    x, count, used = net.tensor(ROW), net.variable("count", START), net.variable("used", START)
    net.assign(count, net.op("ADD", net.read(count, ROW), x, to=ROW))
    old = net.read(used, ROW)
    net.assign(used, x)
    return (net.op("MAXIMUM", x, old, to=ROW),)


def a_variable_that_matters_through_another(net: Stateful) -> tuple[int, ...]:
    x, first, second = net.tensor(ROW), net.variable("first", START), net.variable("second", -START)
    old_first, old_second = net.read(first, ROW), net.read(second, ROW)
    net.assign(first, net.op("RELU", x, to=ROW))
    net.assign(second, net.op("ADD", old_first, old_second, to=ROW))
    return (old_second,)


def two_handles_of_one_variable(net: Stateful) -> tuple[int, ...]:
    x, one, other = net.tensor(ROW), net.variable("a", START), net.variable("a")
    before = net.read(one, ROW)
    net.assign(other, x)
    return before, net.read(one, ROW)


def odd_sizes_beside_each_other(net: Stateful) -> tuple[int, ...]:
    x = net.tensor(int8(1, 3))
    a, b = net.variable("a", np.array([[1, 2, 3]])), net.variable("b", np.full((1, 7), 3))
    old_a, old_b = net.read(a, int8(1, 3)), net.read(b, int8(1, 7))
    joined = net.op("CONCATENATION", x, old_a, old_b, to=int8(1, 13), axis=1)
    net.assign(a, x)
    net.assign(b, net.op("PAD", net.op("ADD", x, old_a, to=int8(1, 3)), to=int8(1, 7), paddings=[[0, 0], [1, 3]]))
    return (joined,)


def a_running_mean_in_int16(net: Stateful) -> tuple[int, ...]:
    row = int16(1, 3)
    x, mean, line = (
        net.tensor(row),
        net.variable("mean", np.array([[300, -1, 7]], np.int16)),
        net.variable("line", HOLE),
    )
    old, before = net.read(mean, row), net.read(line, int8(1, 5))
    new = net.op("ADD", old, x, to=row)
    net.assign(mean, new)
    byte = net.op("PAD", before, to=int8(1, 5), paddings=[[0, 0], [0, 0]])
    net.assign(line, net.op("ADD", byte, before, to=int8(1, 5)))
    return net.op("CONCATENATION", x, old, new, to=int16(1, 9), axis=1), byte


def the_int16_input_of_the_inference_before(net: Stateful) -> tuple[int, ...]:
    row = int16(1, 3)
    x, before, zeros = net.tensor(row), net.variable("a", np.full((1, 3), 258, np.int16)), net.variable("b", NOTHING)
    value, other = net.read(before, row), net.read(zeros, row)
    net.assign(zeros, value)
    net.assign(before, x)
    return value, other


NETWORKS: tuple[Network, ...] = (
    the_input_of_the_inference_before,
    a_delay_line_of_three,
    a_running_sum_is_the_output,
    a_running_mean_behind_other_layers,
    the_next_value_is_written_over_the_old_one,
    the_old_value_is_read_after_the_new_one_is_stored,
    a_read_after_the_assignment_sees_the_new_value,
    reads_before_and_after_the_assignment,
    a_variable_assigned_twice,
    a_variable_never_assigned,
    a_variable_assigned_its_own_value,
    two_variables_that_change_places,
    three_variables_that_change_places,
    one_value_in_two_variables,
    a_value_under_another_shape,
    a_constant_is_stored,
    a_variable_without_an_initial_value,
    a_variable_that_no_output_depends_on,
    a_variable_that_matters_through_another,
    two_handles_of_one_variable,
    odd_sizes_beside_each_other,
    a_running_mean_in_int16,
    the_int16_input_of_the_inference_before,
)


def case(network: Network) -> Case:
    """The network as a row of the table."""
    net = Stateful()
    return Case(network.__name__.replace("_", " "), net.build(*network(net)))


CASES = [case(network) for network in NETWORKS]
