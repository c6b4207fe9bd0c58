"""What an instruction does to the pipeline: its kind, and the registers it reads and writes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from firmware_export.emulator.disassembly import Instruction
from firmware_export.emulator.scan import Extension, extension_of, word_of
from firmware_export.emulator.timings import Kind

WORDS = {
    Kind.LOAD: "ldr ldrb ldrh ldrsb ldrsh ldrt ldrbt ldrht ldrsbt ldrsht ldrex ldrexb ldrexh lda ldab ldah",
    Kind.LOAD_PAIR: "ldrd",
    Kind.LOAD_MULTIPLE: "ldm ldmdb pop",
    Kind.STORE: "str strb strh strt strbt strht strex strexb strexh stl stlb stlh",
    Kind.STORE_PAIR: "strd",
    Kind.STORE_MULTIPLE: "stm stmdb push",
    Kind.MULTIPLY: """
        mul muls smlabb smlabt smlatb smlatt smlad smladx smlawb smlawt smlsd smlsdx smmla smmlar smmls smmlsr smmul
        smmulr smuad smuadx smulbb smulbt smultb smultt smulwb smulwt smusd smusdx usad8 usada8""",
    Kind.MULTIPLY_ACCUMULATE: "mla mls",
    Kind.LONG_MULTIPLY: "smull umull",
    Kind.LONG_MULTIPLY_ACCUMULATE: """
        smlal umlal umaal smlalbb smlalbt smlaltb smlaltt smlald smlaldx smlsld smlsldx""",
    Kind.DIVIDE: "sdiv udiv",
    Kind.BRANCH: "b bx cbz cbnz bxns",
    Kind.CALL: "bl blx blxns",
    Kind.TABLE_BRANCH: "tbb tbh",
    Kind.LOOP: "le letp wls wlstp dls dlstp lctp",
    Kind.SYSTEM: "mrs msr cps cpsid cpsie",
    Kind.BARRIER: "dmb dsb isb",
    Kind.FLOAT_ACCUMULATE: "vmla vmls vnmla vnmls vfma vfms vfnma vfnms",
    Kind.FLOAT_DIVIDE: "vdiv vsqrt",
    Kind.FLOAT_LOAD: "vldr",
    Kind.FLOAT_STORE: "vstr",
    Kind.FLOAT_MULTIPLE: "vldm vldmia vldmdb vstm vstmia vstmdb vpush vpop",
}
KIND_OF = {word: kind for kind, words in WORDS.items() for word in words.split()}
FLOATS = (Extension.FP_REGISTERS, Extension.FPV4, Extension.FPV5, Extension.HALF, Extension.DOUBLE)
VECTOR_PREFIXES = {"vld": Kind.VECTOR_LOAD, "vst": Kind.VECTOR_STORE, "vm": Kind.VECTOR_MULTIPLY}
NOT_MULTIPLIED = ("vmov", "vmax", "vmin", "vmvn")
ADDRESSING = (Kind.LOAD, Kind.LOAD_PC, Kind.LOAD_PAIR, Kind.STORE, Kind.STORE_INDEXED, Kind.STORE_PAIR)
REGISTER = re.compile(r"\b(?:[rsdq]\d+|sp|lr|pc|ip|fp|sb|sl)\b")
LISTED = re.compile(r"\{(.*)\}")
ADDRESS = re.compile(r"\[(.*?)\]")
WITHOUT_RESULT = ("cmp", "cmn", "tst", "teq", "push", "pop", "it")

UNARY = ("movs", "movw", "mvn", "sxt", "uxt", "rev", "clz", "rbit", "adr", "vmov")


@dataclass(frozen=True)
class Step:
    """An instruction as a pipeline sees it."""

    kind: Kind
    listed: int  # registers of its list
    writes: frozenset[str]
    reads: frozenset[str]
    address: frozenset[str]  # the registers that its address is computed from


@cache
def step_of(mnemonic: str, operands: str, size: int) -> Step:
    """What an instruction does; addresses play no part, so equal instructions share one answer."""
    instruction = Instruction(0, size, mnemonic, operands)
    word = word_of(mnemonic)
    registers = REGISTER.findall(operands)
    address = frozenset(REGISTER.findall(" ".join(ADDRESS.findall(operands))))
    kind = _kind(instruction, word, registers)
    writes, reads = _results(kind, word, registers)
    return Step(kind, _listed(operands), writes, reads, address)


def _kind(instruction: Instruction, word: str, registers: list[str]) -> Kind:
    extension = extension_of(instruction)
    kind = KIND_OF.get(word, Kind.FLOAT if extension in FLOATS else Kind.ALU)
    if extension is Extension.HELIUM:
        return _vector_kind(word)
    if registers and registers[0] == "pc" and kind in (Kind.ALU, Kind.LOAD):
        return Kind.BRANCH if kind is Kind.ALU else Kind.LOAD_PC
    is_indexed = len(REGISTER.findall(" ".join(ADDRESS.findall(instruction.operands)))) > 1
    return Kind.STORE_INDEXED if kind is Kind.STORE and is_indexed else kind


def _vector_kind(word: str) -> Kind:
    if word in KIND_OF:
        return KIND_OF[word] if not word.startswith("v") else Kind.VECTOR_MULTIPLY
    if word.startswith(NOT_MULTIPLIED) or not word.startswith("v"):
        return Kind.VECTOR if word.startswith("v") else Kind.ALU
    return next((kind for prefix, kind in VECTOR_PREFIXES.items() if word.startswith(prefix)), Kind.VECTOR)


def _results(kind: Kind, word: str, registers: list[str]) -> tuple[frozenset[str], frozenset[str]]:
    stores = (Kind.STORE, Kind.STORE_INDEXED, Kind.STORE_PAIR, Kind.STORE_MULTIPLE, Kind.FLOAT_STORE, Kind.BRANCH)
    if kind in stores or word.startswith(WITHOUT_RESULT):
        return frozenset(), frozenset(registers)
    results = 2 if kind in (Kind.LOAD_PAIR, Kind.LONG_MULTIPLY, Kind.LONG_MULTIPLY_ACCUMULATE) else 1
    sources = (
        registers if len(registers) <= results + 1 and kind is Kind.ALU and word[:3] != "mov" else registers[results:]
    )
    return frozenset(registers[:results]), frozenset(sources)


def _listed(operands: str) -> int:
    found = LISTED.search(operands)
    return len(found[1].split(",")) if found else 0
