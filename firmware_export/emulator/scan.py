"""Which instructions each core has, and refusal of a program that holds others.

Emulators are more generous than silicon: Unicorn's Cortex-M3 executes SMLAD. A program for a core is therefore read
before it is run. Sources: Armv6-M, Armv7-M and Armv8-M Architecture Reference Manuals (DDI0419, DDI0403, DDI0553).
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from functools import cache

from firmware_export.emulator.disassembly import NO_INSTRUCTION, Instruction, disassemble
from firmware_export.emulator.image import Image
from firmware_export.errors import BuildFailed
from firmware_export.targets import Fpu


class Extension(Enum):
    """A set of instructions that a core has as a whole or not at all."""

    V6M = "ARMv6-M"
    V7M = "ARMv7-M"
    DSP = "DSP extension"
    V8M = "ARMv8-M Mainline"
    V81M = "ARMv8.1-M"
    HELIUM = "Helium (MVE)"
    FP_REGISTERS = "floating-point registers"  # of an FPU, or of Helium
    FPV4 = "single precision FPU"
    FPV5 = "FPv5 FPU"
    HALF = "half precision FPU"
    DOUBLE = "double precision FPU"
    UNKNOWN = "no instruction known"


V6M = (Extension.V6M,)
V7M = (*V6M, Extension.V7M)
V7EM = (*V7M, Extension.DSP)
V8M = (*V7EM, Extension.V8M)  # DSP is an option of the M33 that every STM32 has
V81M = (*V8M, Extension.V81M, Extension.HELIUM, Extension.FP_REGISTERS)
FPV4 = (Extension.FP_REGISTERS, Extension.FPV4)
FPV5 = (*FPV4, Extension.FPV5)

CORE_EXTENSIONS = {
    "cortex-m0": V6M,
    "cortex-m0plus": V6M,
    "cortex-m3": V7M,
    "cortex-m4": V7EM,
    "cortex-m7": V7EM,
    "cortex-m33": V8M,
    "cortex-m55": V81M,
    "cortex-m85": V81M,
}
FPU_EXTENSIONS = {
    ("cortex-m4", Fpu.SINGLE): FPV4,
    ("cortex-m7", Fpu.SINGLE): FPV5,
    ("cortex-m7", Fpu.DOUBLE): (*FPV5, Extension.DOUBLE),
    ("cortex-m33", Fpu.SINGLE): FPV5,
    ("cortex-m55", Fpu.DOUBLE): (*FPV5, Extension.DOUBLE, Extension.HALF),
    ("cortex-m85", Fpu.DOUBLE): (*FPV5, Extension.DOUBLE, Extension.HALF),
}

WORDS = {
    Extension.V6M: """
        adcs add adds adr ands asrs b bics bkpt bl blx bx cmn cmp cps cpsid cpsie dmb dsb eors isb ldm ldr ldrb ldrh
        ldrsb ldrsh lsls lsrs mov movs mrs msr muls mvns nop orrs pop push rev rev16 revsh rors rsbs sbcs sev stm str
        strb strh sub subs svc sxtb sxth trap tst udf uxtb uxth wfe wfi yield""",
    Extension.V7M: """
        adc addw and asr bfc bfi bic cbnz cbz clrex clz csdb dbg eor ldmdb ldrbt ldrd ldrex ldrexb ldrexh ldrht ldrsbt
        ldrsht ldrt lsl lsr mla mls movt movw mul mvn orn orr pld pldw pli rbit ror rrx rsb sbc sbfx sdiv smlal smull
        ssat stmdb strbt strd strex strexb strexh strht strt subw tbb tbh teq ubfx udiv umlal umull usat
        it itt ite ittt itte itet itee itttt ittte ittet ittee itett itete iteet iteee""",
    Extension.DSP: """
        pkhbt pkhtb qadd qadd16 qadd8 qasx qdadd qdsub qsax qsub qsub16 qsub8 sadd16 sadd8 sasx sel shadd16 shadd8
        shasx shsax shsub16 shsub8 smlabb smlabt smlatb smlatt smlad smladx smlalbb smlalbt smlaltb smlaltt smlald
        smlaldx smlawb smlawt smlsd smlsdx smlsld smlsldx smmla smmlar smmls smmlsr smmul smmulr smuad smuadx smulbb
        smulbt smultb smultt smulwb smulwt smusd smusdx ssat16 ssax ssub16 ssub8 sxtab sxtab16 sxtah sxtb16 uadd16
        uadd8 uasx uhadd16 uhadd8 uhasx uhsax uhsub16 uhsub8 umaal uqadd16 uqadd8 uqasx uqsax uqsub16 uqsub8 usad8
        usada8 usat16 usax usub16 usub8 uxtab uxtab16 uxtah uxtb16""",
    Extension.V8M: """
        blxns bxns lda ldab ldaex ldaexb ldaexh ldah sg stl stlb stlex stlexb stlexh stlh tt tta ttat ttt vlldm
        vlstm""",
    Extension.V81M: """
        aut autg bf bfcsel bfl bflx bfx bti bxaut cinc cinv clrm cneg csel cset csetm csinc csinv csneg dls lctp le pac
        pacbti pacg vscclrm wls""",
    Extension.HELIUM: """
        asrl dlstp letp lsll lsrl sqrshr sqrshrl sqshl sqshll srshr srshrl uqrshl uqrshll uqshl uqshll urshr urshrl
        wlstp""",
    Extension.FP_REGISTERS: "vldm vldmdb vldmia vldr vmov vmrs vmsr vpop vpush vstm vstmdb vstmia vstr",
    Extension.FPV4: """
        vabs vadd vcmp vcmpe vcvt vcvtb vcvtr vcvtt vdiv vfma vfms vfnma vfnms vmla vmls vmul vneg vnmla vnmls vnmul
        vsqrt vsub""",
    Extension.FPV5: """
        vcvta vcvtm vcvtn vcvtp vmaxnm vminnm vrinta vrintm vrintn vrintp vrintr vrintx vrintz vseleq vselge vselgt
        vselvs""",
}
EXTENSION_OF = {word: extension for extension, words in WORDS.items() for word in words.split()}
WIDE_IN_V6M = ("bl", "dmb", "dsb", "isb", "mrs", "msr", "udf")  # its only instructions of four bytes
CONDITIONS = ("eq", "ne", "hs", "cs", "lo", "cc", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le", "al")
NAMES = {Fpu.NONE: "no FPU", Fpu.SINGLE: "a single precision FPU", Fpu.DOUBLE: "a double precision FPU"}


def refuse_foreign_instructions(image: Image) -> None:
    """Raise BuildFailed with the first instruction of a program that its core does not have."""
    for instruction, extension in foreign_instructions(image):
        raise BuildFailed(
            f"{image.name}: `{instruction.text}` at {instruction.address:#010x} ({image.describe(instruction.address)})"
            f" is no instruction of a {image.core} with {NAMES[image.fpu]} ({extension.value}): check -mcpu, -mfpu and "
            "inline assembly"
        )


def foreign_instructions(image: Image) -> Iterator[tuple[Instruction, Extension]]:
    """The instructions that a program's core does not have, and what they belong to."""
    has = available(image.core, image.fpu)
    for instruction in disassemble(image):
        extension = extension_of(instruction)
        if extension not in has:
            yield instruction, extension


@cache
def available(core: str, fpu: Fpu) -> frozenset[Extension]:
    """The instruction sets of a core built with this floating-point unit."""
    return frozenset((*CORE_EXTENSIONS[core], *FPU_EXTENSIONS.get((core, fpu), ())))


def extension_of(instruction: Instruction) -> Extension:
    """The instruction set that an instruction came with."""
    extension = _extension(instruction.mnemonic, instruction.bytes)
    on_vectors = instruction.mnemonic.startswith("v") and "q" in instruction.operands
    return Extension.HELIUM if on_vectors else extension


@cache
def _extension(mnemonic: str, size: int) -> Extension:
    word = word_of(mnemonic)
    extension = EXTENSION_OF.get(word, Extension.UNKNOWN)
    if extension is Extension.V6M and size == 4 and word not in WIDE_IN_V6M:
        return Extension.V7M
    if extension is Extension.UNKNOWN and word.startswith("v"):
        return Extension.HELIUM
    if extension in (Extension.FP_REGISTERS, *FPV5):
        return _of_width(mnemonic, extension)
    return extension


def _of_width(mnemonic: str, extension: Extension) -> Extension:
    if ".f64" in mnemonic:
        return Extension.DOUBLE
    if ".f16" in mnemonic and not mnemonic.startswith(("vcvtb", "vcvtt")):
        return Extension.HALF
    return Extension.FPV4 if mnemonic == "vmov.f32" else extension  # of a number, not of bits


def word_of(mnemonic: str) -> str:
    """A mnemonic without what its encoding and condition add: `addseq.w` is `add`; unknown ones stay as they are."""
    word = mnemonic.split(".")[0] or NO_INSTRUCTION
    bare = word[:-2] if word[-2:] in CONDITIONS else word
    return next((known for known in (word, bare, bare.removesuffix("s")) if known in EXTENSION_OF), word)
