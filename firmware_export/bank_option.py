"""`dtcm:64K,sram:256K`: the banks of RAM that activations are split over, as a user writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from firmware_export.errors import BankError
from firmware_export.memory import Bank
from firmware_export.targets import Target, memories

DEFAULT = ("default", "auto")
MOST_BANKS = 8
LARGEST = (1 << 31) - 1
BANK = re.compile(r"(?P<name>[^:]*):(?P<number>[0-9]{1,15})(?P<unit>[KM]?)(?:i?B)?", re.IGNORECASE)
UNITS = {"": 1, "K": 1024, "M": 1024 * 1024}
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST_NAME = 31
# What a header's own names begin with: arguments and macros of the same name would meet.
OWN = re.compile(r"(input|output).*|(arena|ea|define)(_.*)?|.*_t|activations|weights|state|stack|flash")
# Words of C and C++, and what stands in or before the function whose arguments banks are.
WORDS = """
alignas alignof and and_eq asm atomic_cancel atomic_commit atomic_noexcept auto bitand bitor bool break case catch char
class co_await co_return co_yield compl complex concept const const_cast consteval constexpr constinit continue decltype
default delete do double dynamic_cast else enum environ errno explicit export extern false far float for friend goto i
if imaginary inline int interface kept linux long memcpy memset mutable namespace near new noexcept noreturn not not_eq
null nullptr operator or or_eq private protected public reflexpr register reinterpret_cast requires restrict return row
rows short signed sizeof small static static_assert static_cast stderr stdin stdout struct switch synchronized template
this thread_local throw true try turn turns typedef typeid typename typeof unix union unsigned using virtual void
volatile wchar while xor xor_eq y
"""


def read_banks(text: str, target: Target) -> tuple[Bank, ...]:
    """The banks, fastest first: those written, or with `default` or `auto` those of the part; none for no text.

    Raises BankError for what cannot be meant so.
    """
    if not text:
        return ()
    if text.strip().lower() in DEFAULT:
        return banks_of(target)
    banks = tuple(_bank(part.strip(), text) for part in text.split(","))
    if len(banks) > MOST_BANKS:
        raise BankError(f"--memory {text}: {len(banks)} banks are too many: {MOST_BANKS} is the limit")
    check_banks(banks)
    return banks


def banks_of(target: Target) -> tuple[Bank, ...]:
    """Those of a part. Raises BankError for a core alone."""
    if target.is_generic:
        raise BankError(
            f"--memory default: {target.name} is a core, of whose memories nothing is known: name a part, or the banks "
            "themselves, such as --memory dtcm:64K,sram:256K"
        )
    return tuple(Bank(memory.name.lower(), memory.bytes) for memory in memories(target.ram))


def check_banks(banks: Sequence[Bank], network: str = "") -> None:
    """Raise BankError for names that cannot be arguments of `<network>_run`, and for sizes that make no sense."""
    names = [bank.name for bank in banks]
    for bank in banks:
        for reason in _reasons(bank, network):
            raise BankError(f"--memory {bank.name}:{bank.room}: {reason}")
        if names.count(bank.name) > 1:
            raise BankError(f"--memory: there are two banks {bank.name}: name each once")


def _bank(part: str, text: str) -> Bank:
    found = BANK.fullmatch(part)
    if found is None:
        raise BankError(f"--memory {text}: {part!r} is not NAME:SIZE, such as dtcm:64K: give the fastest bank first")
    return Bank(found["name"].strip().lower(), int(found["number"]) * UNITS[found["unit"].upper()])


def _reasons(bank: Bank, network: str) -> Iterator[str]:
    if not NAME.fullmatch(bank.name) or len(bank.name) > LONGEST_NAME:
        yield f"{bank.name!r} is no name in C of at most {LONGEST_NAME} letters, digits and single underscores"
    if (
        bank.name in WORDS.split()
        or OWN.fullmatch(bank.name)
        or (network and f"{bank.name}_".startswith(f"{network}_"))
    ):
        yield f"the name {bank.name} has another meaning in C or in the header: choose another one, such as sram"
    if bank.room <= 0:
        yield "a bank of 0 bytes holds nothing: leave it out"
    if bank.room > LARGEST:
        yield f"{LARGEST} bytes is the limit"
