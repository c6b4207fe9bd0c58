"""The STM32 parts, by datasheet."""

from __future__ import annotations

from firmware_export.targets.cores import CORES, Fpu
from firmware_export.targets.target import Bank, Target

KIB = 1024
MIB = 1024 * KIB

M0, M0PLUS, M3 = CORES["cortex-m0"], CORES["cortex-m0plus"], CORES["cortex-m3"]
M4, M7, M33, M55 = CORES["cortex-m4"], CORES["cortex-m7"], CORES["cortex-m33"], CORES["cortex-m55"]


def sram(kib: int) -> tuple[Bank, ...]:
    """One bank at the usual address."""
    return (Bank("SRAM", kib * KIB, 0x2000_0000),)


def ram(**banks: tuple[int, int]) -> tuple[Bank, ...]:
    """Banks in order of address: name = (KiB, address)."""
    return tuple(Bank(name, kib * KIB, address) for name, (kib, address) in banks.items())


CCM_AT = 0x1000_0000
H7_RAM = ram(
    DTCM=(128, 0x2000_0000),
    AXI=(512, 0x2400_0000),
    SRAM1=(128, 0x3000_0000),
    SRAM2=(128, 0x3002_0000),
    SRAM3=(32, 0x3004_0000),
    SRAM4=(64, 0x3800_0000),
)
U575_RAM = ram(SRAM1=(192, 0x2000_0000), SRAM2=(64, 0x2003_0000), SRAM3=(512, 0x2004_0000), SRAM4=(16, 0x2800_0000))

# The table's own order is by series; sizes in bytes are written as in the datasheets.
# fmt: off
ROWS = (
    Target("stm32c031c6", M0PLUS, mhz=48, flash_bytes=32 * KIB, ram=sram(12),
           board="nucleo-c031c6", source="DS13867", stands_for="stm32c0"),
    Target("stm32f030r8", M0, mhz=48, flash_bytes=64 * KIB, ram=sram(8), board="nucleo-f030r8", source="DS9773"),
    Target("stm32f072rb", M0, mhz=48, flash_bytes=128 * KIB, ram=sram(16),
           board="nucleo-f072rb", source="DS9826", stands_for="stm32f0"),
    Target("stm32f091rc", M0, mhz=48, flash_bytes=256 * KIB, ram=sram(32),
           board="nucleo-f091rc", source="DocID026284"),
    Target("stm32f100rb", M3, mhz=24, flash_bytes=128 * KIB, ram=sram(8),
           board="stm32vldiscovery", source="DocID16455"),
    Target("stm32f103c8", M3, mhz=72, flash_bytes=64 * KIB, ram=sram(20), board="bluepill", source="DS5319"),
    Target("stm32f103rb", M3, mhz=72, flash_bytes=128 * KIB, ram=sram(20),
           board="nucleo-f103rb", source="DS5319", stands_for="stm32f1"),
    Target("stm32f207zg", M3, mhz=120, flash_bytes=1 * MIB,
           ram=ram(SRAM1=(112, 0x2000_0000), SRAM2=(16, 0x2001_C000)),
           board="nucleo-f207zg", source="DS6329", stands_for="stm32f2"),
    Target("stm32f302r8", M4, Fpu.SINGLE, mhz=72, flash_bytes=64 * KIB, ram=sram(16),
           board="nucleo-f302r8", source="DS9896"),
    Target("stm32f303re", M4, Fpu.SINGLE, mhz=72, flash_bytes=512 * KIB,
           ram=ram(CCM=(16, CCM_AT), SRAM=(64, 0x2000_0000)),
           board="nucleo-f303re", source="DS10362", stands_for="stm32f3"),
    Target("stm32f334r8", M4, Fpu.SINGLE, mhz=72, flash_bytes=64 * KIB,
           ram=ram(CCM=(4, CCM_AT), SRAM=(12, 0x2000_0000)), board="nucleo-f334r8", source="DS9994"),
    Target("stm32f401re", M4, Fpu.SINGLE, mhz=84, flash_bytes=512 * KIB, ram=sram(96),
           board="nucleo-f401re", source="DS10086"),
    Target("stm32f405rg", M4, Fpu.SINGLE, mhz=168, flash_bytes=1 * MIB,
           ram=ram(CCM=(64, CCM_AT), SRAM1=(112, 0x2000_0000), SRAM2=(16, 0x2001_C000)),
           board="netduinoplus2", source="DS8626"),
    Target("stm32f407vg", M4, Fpu.SINGLE, mhz=168, flash_bytes=1 * MIB,
           ram=ram(CCM=(64, CCM_AT), SRAM1=(112, 0x2000_0000), SRAM2=(16, 0x2001_C000)),
           board="stm32f4discovery", source="DS8626"),
    Target("stm32f411re", M4, Fpu.SINGLE, mhz=100, flash_bytes=512 * KIB, ram=sram(128),
           board="nucleo-f411re", source="DS10314"),
    Target("stm32f412zg", M4, Fpu.SINGLE, mhz=100, flash_bytes=1 * MIB, ram=sram(256),
           board="nucleo-f412zg", source="DS11139"),
    Target("stm32f429zi", M4, Fpu.SINGLE, mhz=180, flash_bytes=2 * MIB,
           ram=ram(CCM=(64, CCM_AT), SRAM1=(112, 0x2000_0000), SRAM2=(16, 0x2001_C000), SRAM3=(64, 0x2002_0000)),
           board="nucleo-f429zi", source="DS9405"),
    Target("stm32f446re", M4, Fpu.SINGLE, mhz=180, flash_bytes=512 * KIB,
           ram=ram(SRAM1=(112, 0x2000_0000), SRAM2=(16, 0x2001_C000)),
           board="nucleo-f446re", source="DS10693", stands_for="stm32f4"),
    Target("stm32f469ni", M4, Fpu.SINGLE, mhz=180, flash_bytes=2 * MIB,
           ram=ram(CCM=(64, CCM_AT), SRAM1=(160, 0x2000_0000), SRAM2=(32, 0x2002_8000), SRAM3=(128, 0x2003_0000)),
           board="stm32f469i-disco", source="DS11189"),
    Target("stm32f746ng", M7, Fpu.SINGLE, mhz=216, flash_bytes=1 * MIB,
           ram=ram(DTCM=(64, 0x2000_0000), SRAM1=(240, 0x2001_0000), SRAM2=(16, 0x2004_C000)),
           board="stm32f746g-disco", source="DS10916", stands_for="stm32f7"),
    Target("stm32f767zi", M7, Fpu.DOUBLE, mhz=216, flash_bytes=2 * MIB,
           ram=ram(DTCM=(128, 0x2000_0000), SRAM1=(368, 0x2002_0000), SRAM2=(16, 0x2007_C000)),
           board="nucleo-f767zi", source="DS11532"),
    Target("stm32g031k8", M0PLUS, mhz=64, flash_bytes=64 * KIB, ram=sram(8), board="nucleo-g031k8", source="DS12992"),
    Target("stm32g071rb", M0PLUS, mhz=64, flash_bytes=128 * KIB, ram=sram(36),
           board="nucleo-g071rb", source="DS12232", stands_for="stm32g0", note="32 KiB with parity checking"),
    Target("stm32g0b1re", M0PLUS, mhz=64, flash_bytes=512 * KIB, ram=sram(144),
           board="nucleo-g0b1re", source="DS13560", note="128 KiB with parity checking"),
    Target("stm32g431kb", M4, Fpu.SINGLE, mhz=170, flash_bytes=128 * KIB,
           ram=ram(SRAM1=(16, 0x2000_0000), SRAM2=(6, 0x2000_4000), CCM=(10, 0x2000_5800)),
           board="nucleo-g431kb", source="DS12589"),
    Target("stm32g474re", M4, Fpu.SINGLE, mhz=170, flash_bytes=512 * KIB,
           ram=ram(SRAM1=(80, 0x2000_0000), SRAM2=(16, 0x2001_4000), CCM=(32, 0x2001_8000)),
           board="nucleo-g474re", source="DS12288", stands_for="stm32g4"),
    Target("stm32h503rb", M33, Fpu.SINGLE, mhz=250, flash_bytes=128 * KIB,
           ram=ram(SRAM1=(16, 0x2000_0000), SRAM2=(16, 0x2000_4000)), board="nucleo-h503rb", source="DS14053"),
    Target("stm32h563zi", M33, Fpu.SINGLE, mhz=250, flash_bytes=2 * MIB,
           ram=ram(SRAM1=(256, 0x2000_0000), SRAM2=(64, 0x2004_0000), SRAM3=(320, 0x2005_0000)),
           board="nucleo-h563zi", source="DS14258", stands_for="stm32h5"),
    Target("stm32h723zg", M7, Fpu.DOUBLE, mhz=550, flash_bytes=1 * MIB,
           ram=ram(DTCM=(128, 0x2000_0000), AXI=(320, 0x2400_0000), SRAM1=(16, 0x3000_0000),
                   SRAM2=(16, 0x3000_4000), SRAM4=(16, 0x3800_0000)),
           board="nucleo-h723zg", source="DS13313", note="192 KiB of the AXI RAM can become ITCM by an option byte"),
    Target("stm32h743zi", M7, Fpu.DOUBLE, mhz=480, flash_bytes=2 * MIB, ram=H7_RAM,
           board="nucleo-h743zi", source="DS12110", stands_for="stm32h7"),
    Target("stm32h747xi", M7, Fpu.DOUBLE, mhz=480, flash_bytes=2 * MIB, ram=H7_RAM,
           board="stm32h747i-disco", source="DS12930", note="the Cortex-M7 of the two cores"),
    Target("stm32h750vb", M7, Fpu.DOUBLE, mhz=480, flash_bytes=128 * KIB, ram=H7_RAM, source="DS12556"),
    Target("stm32l031k6", M0PLUS, mhz=32, flash_bytes=32 * KIB, ram=sram(8), board="nucleo-l031k6", source="DS10668"),
    Target("stm32l053r8", M0PLUS, mhz=32, flash_bytes=64 * KIB, ram=sram(8),
           board="nucleo-l053r8", source="DS10152", stands_for="stm32l0"),
    Target("stm32l073rz", M0PLUS, mhz=32, flash_bytes=192 * KIB, ram=sram(20),
           board="nucleo-l073rz", source="DS10685"),
    Target("stm32l152re", M3, mhz=32, flash_bytes=512 * KIB, ram=sram(80),
           board="nucleo-l152re", source="DocID025433", stands_for="stm32l1"),
    Target("stm32l412kb", M4, Fpu.SINGLE, mhz=80, flash_bytes=128 * KIB,
           ram=ram(SRAM1=(32, 0x2000_0000), SRAM2=(8, 0x2000_8000)), board="nucleo-l412kb", source="DS12469"),
    Target("stm32l432kc", M4, Fpu.SINGLE, mhz=80, flash_bytes=256 * KIB,
           ram=ram(SRAM1=(48, 0x2000_0000), SRAM2=(16, 0x2000_C000)), board="nucleo-l432kc", source="DS11451"),
    Target("stm32l476rg", M4, Fpu.SINGLE, mhz=80, flash_bytes=1 * MIB,
           ram=ram(SRAM2=(32, 0x1000_0000), SRAM1=(96, 0x2000_0000)),
           board="nucleo-l476rg", source="DS10198", stands_for="stm32l4"),
    Target("stm32l496zg", M4, Fpu.SINGLE, mhz=80, flash_bytes=1 * MIB,
           ram=ram(SRAM1=(256, 0x2000_0000), SRAM2=(64, 0x2004_0000)), board="nucleo-l496zg", source="DS11585"),
    Target("stm32l4r5zi", M4, Fpu.SINGLE, mhz=120, flash_bytes=2 * MIB,
           ram=ram(SRAM1=(192, 0x2000_0000), SRAM2=(64, 0x2003_0000), SRAM3=(384, 0x2004_0000)),
           board="nucleo-l4r5zi", source="DS12023"),
    Target("stm32l552ze", M33, Fpu.SINGLE, mhz=110, flash_bytes=512 * KIB,
           ram=ram(SRAM1=(192, 0x2000_0000), SRAM2=(64, 0x2003_0000)),
           board="nucleo-l552ze-q", source="DS12737", stands_for="stm32l5"),
    Target("stm32n657x0", M55, Fpu.DOUBLE, mhz=800, flash_bytes=0, external_flash=Bank("XSPI2", 64 * MIB, 0x7000_0000),
           ram=ram(FLEXRAM=(400, 0x3400_0000), AXISRAM1=(624, 0x3406_4000), AXISRAM2=(1024, 0x3410_0000),
                   AXISRAM3=(448, 0x3420_0000), AXISRAM4=(448, 0x3427_0000), AXISRAM5=(448, 0x342E_0000),
                   AXISRAM6=(448, 0x3435_0000)),
           board="nucleo-n657x0-q", source="DS14791", stands_for="stm32n6",
           note="weights in external flash; code too, or copied to RAM; NPU cache and video encoder RAM not counted"),
    Target("stm32u031r8", M0PLUS, mhz=56, flash_bytes=64 * KIB, ram=sram(12),
           board="nucleo-u031r8", source="DS14581", stands_for="stm32u0"),
    Target("stm32u545re", M33, Fpu.SINGLE, mhz=160, flash_bytes=512 * KIB,
           ram=ram(SRAM1=(192, 0x2000_0000), SRAM2=(64, 0x2003_0000), SRAM4=(16, 0x2800_0000)),
           board="nucleo-u545re-q", source="DS14216"),
    Target("stm32u575zi", M33, Fpu.SINGLE, mhz=160, flash_bytes=2 * MIB, ram=U575_RAM,
           board="nucleo-u575zi-q", source="DS13737", stands_for="stm32u5"),
    Target("stm32u585ai", M33, Fpu.SINGLE, mhz=160, flash_bytes=2 * MIB, ram=U575_RAM,
           board="b-u585i-iot02a", source="DS13086"),
    Target("stm32u5a5zj", M33, Fpu.SINGLE, mhz=160, flash_bytes=4 * MIB,
           ram=ram(SRAM1=(768, 0x2000_0000), SRAM2=(64, 0x200C_0000), SRAM3=(832, 0x200D_0000),
                   SRAM5=(832, 0x201A_0000), SRAM4=(16, 0x2800_0000)),
           board="nucleo-u5a5zj-q", source="DS13543"),
    Target("stm32wb55rg", M4, Fpu.SINGLE, mhz=64, flash_bytes=1 * MIB,
           ram=ram(SRAM1=(192, 0x2000_0000), SRAM2A=(32, 0x2003_0000), SRAM2B=(32, 0x2003_8000)),
           board="nucleo-wb55rg", source="DS11929", stands_for="stm32wb",
           note="a radio stack takes part of SRAM2 and of the flash"),
    Target("stm32wba52cg", M33, Fpu.SINGLE, mhz=100, flash_bytes=1 * MIB,
           ram=ram(SRAM1=(64, 0x2000_0000), SRAM2=(64, 0x2001_0000)),
           board="nucleo-wba52cg", source="DS14127", stands_for="stm32wba"),
    Target("stm32wl55jc", M4, mhz=48, flash_bytes=256 * KIB,
           ram=ram(SRAM1=(32, 0x2000_0000), SRAM2=(32, 0x2000_8000)),
           board="nucleo-wl55jc", source="DS13293", stands_for="stm32wl",
           note="the Cortex-M4 of the two cores; it has no FPU"),
)
# fmt: on

TARGETS = {target.name: target for target in ROWS}
