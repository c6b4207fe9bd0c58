"""A linked program as a value: its bytes, symbols and sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from elftools.common.exceptions import ELFError
from elftools.elf.descriptions import describe_e_machine
from elftools.elf.elffile import ELFFile

from firmware_export.errors import BuildFailed
from firmware_export.targets import Fpu

ALIGNMENT = 16  # bytes, of every array of weights and every table

MACHINE = "ARM"  # as the descriptions of ELF machines call it


@dataclass(frozen=True)
class Symbol:
    """A function or object: its address (a function's Thumb bit cleared) and size in bytes."""

    name: str
    address: int
    size: int
    is_code: bool


@dataclass(frozen=True)
class Segment:
    """Bytes that stand at an address before the program starts; zeros where the file holds none."""

    address: int
    data: bytes
    writable: bool


@dataclass(frozen=True)
class Sizes:
    """Linked bytes, after unused sections were dropped; initialised data counts in RAM and in flash."""

    code: int
    weights: int  # read-only objects named <name>_weights...
    tables: int  # all other read-only data
    data: int
    bss: int
    kernels: int  # of the code: kernels and the layers' functions, which compilers inline them into

    @property
    def flash(self) -> int:
        """Bytes of flash the program takes."""
        return self.code + self.weights + self.tables + self.data

    @property
    def static_ram(self) -> int:
        """Bytes of RAM it takes besides activations and stack."""
        return self.data + self.bss


@dataclass(frozen=True)
class Image:
    """A program for one core, ready to run: `entry` is the address of `<name>_run`."""

    name: str
    core: str
    compiler: str  # name and version
    elf: bytes
    entry: int
    code_ranges: tuple[tuple[int, int], ...]  # (first address, end) of instructions; constants lie between them
    symbols: Mapping[str, Symbol]
    segments: tuple[Segment, ...]
    sizes: Sizes
    fpu: Fpu = Fpu.NONE  # that the code may use

    @property
    def run(self) -> Symbol:
        """The function that is called."""
        return next(symbol for symbol in self.symbols.values() if symbol.is_code and symbol.address == self.entry)

    @property
    def layers(self) -> dict[str, tuple[Symbol, ...]]:
        """The functions of each layer that has any, by the layer's name: `<name>_run_<layer>` first, which does it or
        ends it, then `<name>_row_<layer>`, its part in the row loop of another layer.
        """
        found: dict[str, tuple[Symbol, ...]] = {}
        for prefix in (f"{self.run.name}_", f"{self.run.name.removesuffix('run')}row_"):
            for symbol in self.symbols.values():
                if symbol.is_code and symbol.name.startswith(prefix):
                    layer = symbol.name.removeprefix(prefix)
                    found[layer] = (*found.get(layer, ()), symbol)
        return found

    @property
    def code(self) -> Segment:
        """The linked instructions: the linker script puts them first in flash."""
        segment = next(s for s in self.segments if s.address <= self.entry < s.address + len(s.data))
        return Segment(segment.address, segment.data[: self.sizes.code], writable=False)

    def describe(self, address: int) -> str:
        """`function+offset` of an address of code, or the bare address outside every function."""
        for symbol in self.symbols.values():
            if symbol.is_code and symbol.address <= address < symbol.address + max(symbol.size, 2):
                return f"{symbol.name}+{address - symbol.address:#x}"
        return f"{address:#010x}"


def read_image(elf: bytes, *, name: str, core: str, compiler: str, fpu: Fpu = Fpu.NONE) -> Image:
    """Read a linked file. Raises BuildFailed if it is for another machine or has no function `<name>_run`."""
    file = _open(elf, name)
    symbols = {symbol.name: symbol for symbol in _symbols(file)}
    if f"{name}_run" not in symbols:
        raise BuildFailed(f"{name}: the linked program has no function {name}_run")
    return Image(
        name=name,
        core=core,
        compiler=compiler,
        elf=elf,
        entry=symbols[f"{name}_run"].address,
        code_ranges=_code_ranges(file),
        symbols=symbols,
        segments=tuple(_segments(file)),
        sizes=_sizes(file, name, symbols),
        fpu=fpu,
    )


def _open(elf: bytes, name: str) -> Any:
    try:
        file = ELFFile(BytesIO(elf))
    except ELFError:
        raise BuildFailed(f"{name}: this file is no ELF file: name one that was linked for {MACHINE}") from None
    machine = describe_e_machine(file.header["e_machine"])
    if machine != MACHINE:
        raise BuildFailed(f"{name}: this ELF file is for {machine}: build it for {MACHINE}, Cortex-M")
    return file


def _symbols(file: Any) -> list[Symbol]:
    found = []
    for entry in file.get_section_by_name(".symtab").iter_symbols():
        kind = entry["st_info"]["type"]
        if kind in ("STT_FUNC", "STT_OBJECT") and entry["st_shndx"] != "SHN_UNDEF":
            is_code = kind == "STT_FUNC"
            address = entry["st_value"] & ~1 if is_code else entry["st_value"]
            found.append(Symbol(entry.name, address, entry["st_size"], is_code))
    return sorted(found, key=lambda symbol: (symbol.address, symbol.name))


def _code_ranges(file: Any) -> tuple[tuple[int, int], ...]:
    """Where .text holds instructions, by the mapping symbols of the ELF for the Arm Architecture ($t code, $d data)."""
    index = file.get_section_index(".text")
    text = file.get_section(index)
    end = text["sh_addr"] + text["sh_size"]
    marks = sorted(
        (entry["st_value"] & ~1, entry.name[:2])
        for entry in file.get_section_by_name(".symtab").iter_symbols()
        if entry["st_shndx"] == index and entry.name[:2] in ("$a", "$t", "$d")
    )
    following = [address for address, _ in marks[1:]] + [end]
    return tuple(
        (address, after)
        for (address, kind), after in zip(marks, following, strict=True)
        if kind != "$d" and address < after
    )


def _segments(file: Any) -> list[Segment]:
    loaded = [segment for segment in file.iter_segments() if segment["p_type"] == "PT_LOAD" and segment["p_memsz"]]
    return [
        Segment(
            address=segment["p_vaddr"],
            data=segment.data().ljust(segment["p_memsz"], b"\0"),
            writable=bool(segment["p_flags"] & 2),
        )
        for segment in loaded
    ]


def _sizes(file: Any, name: str, symbols: Mapping[str, Symbol]) -> Sizes:
    sections = {section.name: section for section in file.iter_sections()}
    bytes_of = {key: section["sh_size"] for key, section in sections.items()}
    constants = sections[".rodata"]["sh_addr"] if ".rodata" in sections else 0
    in_flash = range(constants, constants + bytes_of.get(".rodata", 0))
    weights = sum(s.size for s in symbols.values() if s.name.startswith(f"{name}_weights") and s.address in in_flash)
    code = [symbol for symbol in symbols.values() if symbol.is_code]
    return Sizes(
        code=bytes_of.get(".text", 0),
        weights=weights,
        tables=len(in_flash) - weights,
        data=bytes_of.get(".data", 0),
        bss=bytes_of.get(".bss", 0),
        kernels=sum(symbol.size for symbol in code if symbol.name.startswith(("ea_", f"{name}_run", f"{name}_row_"))),
    )


def check_alignment(image: Image) -> None:
    """Raise BuildFailed where an array of weights or a table does not start at a multiple of ALIGNMENT bytes."""
    for symbol in image.symbols.values():
        if symbol.address % ALIGNMENT and symbol.name.startswith((f"{image.name}_weights_", f"{image.name}_table_")):
            raise BuildFailed(
                f"{symbol.name} lies at {symbol.address:#010x}, which is {symbol.address % ALIGNMENT} modulo "
                f"{ALIGNMENT}: kernels may load whole words from it, so keep the header's alignment attributes"
            )
