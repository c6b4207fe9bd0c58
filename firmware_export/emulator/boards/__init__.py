"""Boards that a whole firmware image can be linked for, as a table: memories, the serial port, and QEMU's machine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from firmware_export.emulator.memory_map import MemoryMap, memory_map
from firmware_export.errors import ToolMissing, UnknownTarget
from firmware_export.targets import TARGETS, Bank, Target

SOURCES = Path(__file__).parent
KIB = 1024
BAUD = 115_200


class UartDriver(Enum):
    """A serial port's registers, by the name of the C file that knows them."""

    STM32_SR = "ea_uart_stm32_sr.c"
    STM32_ISR = "ea_uart_stm32_isr.c"
    CMSDK = "ea_uart_cmsdk.c"
    NONE = "ea_uart_none.c"


@dataclass(frozen=True)
class RegisterWrite:
    """Bits cleared, then bits set, in a register."""

    address: int
    clear: int
    set: int


@dataclass(frozen=True)
class Uart:
    """A serial port: its clock after reset, and what gives it that clock and its pins."""

    driver: UartDriver
    address: int
    clock_hz: int
    setup: tuple[RegisterWrite, ...] = ()

    @property
    def divisor(self) -> int:
        """Clock cycles a bit, to the nearest."""
        return (self.clock_hz + BAUD // 2) // BAUD


@dataclass(frozen=True)
class Board:
    """A core, its memories and a serial port. `machine` is QEMU's name, empty for a board that QEMU does not know."""

    name: str
    core: str
    memory: MemoryMap
    uart: Uart
    machine: str = ""


NO_UART = Uart(UartDriver.NONE, 0, 0)


def _part(name: str, *banks: str) -> MemoryMap:
    memory = memory_map(TARGETS[name])
    chosen = tuple(bank for bank in memory.ram if not banks or bank.name in banks)
    return MemoryMap(memory.name, memory.flash, chosen, memory.source)


def _arm(name: str, code: Bank, data: Bank) -> MemoryMap:
    return MemoryMap(name, code, (data,), f"QEMU's memory tree of {name}")


def _mps2(name: str, core: str) -> Board:
    memory = _arm(name, Bank("SSRAM1", 4096 * KIB, 0), Bank("SSRAM23", 4096 * KIB, 0x2000_0000))
    return Board(name, core, memory, Uart(UartDriver.CMSDK, 0x4000_4000, 25_000_000), name)


def _stm32(name: str, uart: Uart) -> Board:
    target = next(row for row in TARGETS.values() if row.board == name)
    return Board(name, target.core.name, memory_map(target), uart)


# Clock gates and pins: RM0041 and RM0008 (F1), RM0090, RM0368, RM0383, RM0390 (F4), RM0091 and RM0360 (F0), RM0444
# (G0), RM0351 (L4). All run from the clock they have after reset.
F1_USART1_PA9_PA10 = (
    RegisterWrite(0x4002_1018, 0, 1 << 14 | 1 << 2),  # RCC_APB2ENR: USART1, port A
    RegisterWrite(0x4001_0804, 0x0FF0, 0x04B0),  # GPIOA_CRH: PA9 alternate push-pull, PA10 floating input
)
F1_USART2_PA2_PA3 = (
    RegisterWrite(0x4002_1018, 0, 1 << 2),  # RCC_APB2ENR: port A
    RegisterWrite(0x4002_101C, 0, 1 << 17),  # RCC_APB1ENR: USART2
    RegisterWrite(0x4001_0800, 0xFF00, 0x4B00),  # GPIOA_CRL: PA2 alternate push-pull, PA3 floating input
)
F4_USART1_PA9_PA10 = (
    RegisterWrite(0x4002_3830, 0, 1 << 0),  # RCC_AHB1ENR: port A
    RegisterWrite(0x4002_3844, 0, 1 << 4),  # RCC_APB2ENR: USART1
    RegisterWrite(0x4002_0024, 0x0FF0, 0x0770),  # GPIOA_AFRH: PA9, PA10 function 7
    RegisterWrite(0x4002_0000, 0xF << 18, 0xA << 18),  # GPIOA_MODER: alternate
)
F4_USART2_PA2_PA3 = (
    RegisterWrite(0x4002_3830, 0, 1 << 0),  # RCC_AHB1ENR: port A
    RegisterWrite(0x4002_3840, 0, 1 << 17),  # RCC_APB1ENR: USART2
    RegisterWrite(0x4002_0020, 0xFF00, 0x7700),  # GPIOA_AFRL: PA2, PA3 function 7
    RegisterWrite(0x4002_0000, 0xF0, 0xA0),  # GPIOA_MODER: alternate
)
F0_USART2_PA2_PA3 = (
    RegisterWrite(0x4002_1014, 0, 1 << 17),  # RCC_AHBENR: port A
    RegisterWrite(0x4002_101C, 0, 1 << 17),  # RCC_APB1ENR: USART2
    RegisterWrite(0x4800_0020, 0xFF00, 0x1100),  # GPIOA_AFRL: PA2, PA3 function 1
    RegisterWrite(0x4800_0000, 0xF0, 0xA0),  # GPIOA_MODER: alternate
)
G0_USART2_PA2_PA3 = (
    RegisterWrite(0x4002_1034, 0, 1 << 0),  # RCC_IOPENR: port A
    RegisterWrite(0x4002_103C, 0, 1 << 17),  # RCC_APBENR1: USART2
    RegisterWrite(0x5000_0020, 0xFF00, 0x1100),  # GPIOA_AFRL: PA2, PA3 function 1
    RegisterWrite(0x5000_0000, 0xF0, 0xA0),  # GPIOA_MODER: alternate
)
L4_USART2_PA2_PA3 = (
    RegisterWrite(0x4002_104C, 0, 1 << 0),  # RCC_AHB2ENR: port A
    RegisterWrite(0x4002_1058, 0, 1 << 17),  # RCC_APB1ENR1: USART2
    RegisterWrite(0x4800_0020, 0xFF00, 0x7700),  # GPIOA_AFRL: PA2, PA3 function 7
    RegisterWrite(0x4800_0000, 0xF0, 0xA0),  # GPIOA_MODER: alternate
)

USART2 = 0x4000_4400
F4_UART = Uart(UartDriver.STM32_SR, USART2, 16_000_000, F4_USART2_PA2_PA3)
F0_UART = Uart(UartDriver.STM32_ISR, USART2, 8_000_000, F0_USART2_PA2_PA3)

QEMU_BOARDS = (
    Board(
        "stm32vldiscovery",
        "cortex-m3",
        _part("stm32f100rb"),
        Uart(UartDriver.STM32_SR, 0x4001_3800, 8_000_000, F1_USART1_PA9_PA10),
        machine="stm32vldiscovery",
    ),
    Board(
        "netduinoplus2",
        "cortex-m4",
        _part("stm32f405rg", "SRAM1", "SRAM2"),  # QEMU has no CCM, and 64 KiB after SRAM2 where the part has none
        Uart(UartDriver.STM32_SR, 0x4001_1000, 16_000_000, F4_USART1_PA9_PA10),
        machine="netduinoplus2",
    ),
    _mps2("mps2-an385", "cortex-m3"),
    _mps2("mps2-an386", "cortex-m4"),
    _mps2("mps2-an500", "cortex-m7"),
    Board(
        "mps2-an505",
        "cortex-m33",
        _arm("mps2-an505", Bank("SSRAM1", 4096 * KIB, 0x1000_0000), Bank("SSRAM23", 4096 * KIB, 0x3800_0000)),
        Uart(UartDriver.CMSDK, 0x5020_0000, 20_000_000),  # secure addresses: the core starts in Secure state
        machine="mps2-an505",
    ),
    Board(
        "mps3-an547",
        "cortex-m55",
        _arm("mps3-an547", Bank("ITCM", 512 * KIB, 0), Bank("DTCM", 512 * KIB, 0x2000_0000)),
        Uart(UartDriver.CMSDK, 0x5930_3000, 25_000_000),
        machine="mps3-an547",
    ),
)
REAL_BOARDS = (
    _stm32("nucleo-f030r8", F0_UART),
    _stm32("nucleo-f072rb", F0_UART),
    _stm32("nucleo-f091rc", F0_UART),
    _stm32("nucleo-f103rb", Uart(UartDriver.STM32_SR, USART2, 8_000_000, F1_USART2_PA2_PA3)),
    _stm32("nucleo-f401re", F4_UART),
    _stm32("nucleo-f411re", F4_UART),
    _stm32("nucleo-f446re", F4_UART),
    _stm32("nucleo-g071rb", Uart(UartDriver.STM32_ISR, USART2, 16_000_000, G0_USART2_PA2_PA3)),
    _stm32("nucleo-l476rg", Uart(UartDriver.STM32_ISR, USART2, 4_000_000, L4_USART2_PA2_PA3)),
)
BOARDS = {board.name: board for board in (*QEMU_BOARDS, *REAL_BOARDS)}


def part_board(target: Target) -> Board:
    """The board of a part where its row is here, or the part alone, whose firmware is linked but says nothing."""
    known = BOARDS.get(target.board)
    memory = memory_map(target)
    return replace(known, memory=memory) if known else Board(target.name, target.core.name, memory, NO_UART)


def find_board(name: str) -> Board:
    """The row of a board. Raises UnknownTarget, listing the boards there are, for any other name."""
    if name not in BOARDS:
        raise UnknownTarget(f"no firmware for board {name!r}: there are {', '.join(BOARDS)}")
    return BOARDS[name]


def qemu_board(core: str) -> Board:
    """The board of QEMU's with most memory for a core. Raises ToolMissing, listing the cores there are, for others."""
    boards = [board for board in QEMU_BOARDS if board.core == core]
    if not boards:
        cores = dict.fromkeys(board.core for board in QEMU_BOARDS)
        raise ToolMissing(f"QEMU has no board with a {core}: there are boards with {', '.join(cores)}")
    return max(boards, key=lambda board: board.memory.flash.bytes)
