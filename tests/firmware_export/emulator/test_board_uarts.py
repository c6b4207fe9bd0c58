"""Serial ports of boards that no emulator here has: their drivers, from reset, against registers made in the test."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from unicorn import UC_ARCH_ARM, UC_MODE_THUMB, Uc, arm_const

from firmware_export.emulator.boards import REAL_BOARDS, Board, UartDriver
from firmware_export.emulator.cores import emulated_core
from tests.firmware_export.emulator.firmwares import firmware_of, image_on
from tests.firmware_export.emulator.headers import COMPILERS

MAIN = """int main(void)
{
    for (int i = 0; i < 300; i++)
        ea_uart_put((uint8_t)(ea_uart_get() + 1u));
    return 0;
}
"""
PERIPHERALS = (0x4000_0000, 0x4800_0000, 0x5000_0000)  # 256 KiB at each
RXNE, TXE, OVERRUN = 1 << 5, 1 << 7, 1 << 3


@dataclass(frozen=True)
class Offsets:
    """Where a kind of port has its registers."""

    status: int
    receive: int
    send: int
    divisor: int
    control: int
    enabled: int  # what the control register must hold: the port, its receiver and its transmitter


OFFSETS = {
    UartDriver.STM32_SR: Offsets(0x00, 0x04, 0x04, 0x08, 0x0C, enabled=1 << 13 | 1 << 3 | 1 << 2),
    UartDriver.STM32_ISR: Offsets(0x1C, 0x24, 0x28, 0x0C, 0x00, enabled=1 << 0 | 1 << 3 | 1 << 2),
}


@dataclass
class Port:
    """All registers of a part. The port is ready every third time it is asked; a byte once came too early."""

    board: Board
    received: list[int]
    registers: dict[int, int] = field(default_factory=dict)
    sent: list[int] = field(default_factory=list)
    asked: int = 0
    overrun: bool = True

    def offset(self, address: int) -> int:
        return address - self.board.uart.address

    def read(self, address: int) -> int:
        names = OFFSETS[self.board.uart.driver]
        if self.offset(address) == names.status:
            self.asked += 1
            ready = TXE | (0 if self.overrun else RXNE) if self.asked % 3 == 0 else 0
            return ready | (OVERRUN if self.overrun else 0)
        if self.offset(address) == names.receive:
            return self.received.pop(0)
        return self.registers.get(address, 0xFFFF_FFFF if address >> 24 in (0x48, 0x50) else 0)

    def write(self, address: int, value: int) -> None:
        names = OFFSETS[self.board.uart.driver]
        if self.offset(address) == names.send:
            assert self.read(self.board.uart.address + names.control) == names.enabled
            self.sent.append(value)
        elif self.offset(address) == 0x20 and value & OVERRUN:  # ICR
            self.overrun = False
        self.registers[address] = value


def boot(board: Board, port: Port, compiler) -> None:
    image = image_on(board, firmware_of(MAIN), compiler)
    engine = Uc(UC_ARCH_ARM, UC_MODE_THUMB)
    engine.ctl_set_cpu_model(getattr(arm_const, f"UC_CPU_ARM_{emulated_core(board.core).unicorn_model}"))
    for bank in (board.memory.flash, *board.memory.regions):
        engine.mem_map(bank.address, -(-bank.bytes // 4096) * 4096)
    engine.mem_map(0xE000_E000, 4096)
    for start in PERIPHERALS:
        engine.mmio_map(
            start,
            0x4_0000,
            lambda _engine, offset, _size, base: port.read(base + offset),
            start,
            lambda _engine, offset, _size, value, base: port.write(base + offset, value),
            start,
        )
    for segment in image.segments:
        engine.mem_write(segment.address, segment.data)
    engine.reg_write(arm_const.UC_ARM_REG_SP, int.from_bytes(engine.mem_read(board.memory.flash.address, 4), "little"))
    end = image.symbols["ea_exit"].address
    engine.emu_start(image.symbols["ea_reset"].address | 1, end, count=1_000_000)
    assert engine.reg_read(arm_const.UC_ARM_REG_PC) == end


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("board", REAL_BOARDS, ids=lambda board: board.name)
def test_a_board_sets_up_its_serial_port_and_passes_every_byte(board, compiler):
    received = [value % 256 for value in range(300)]
    port = Port(board, list(received), overrun=board.uart.driver is UartDriver.STM32_ISR)
    boot(board, port, compiler)
    assert port.sent == [(value + 1) % 256 for value in received]
    assert port.registers[board.uart.address + OFFSETS[board.uart.driver].divisor] == board.uart.divisor
    for write in board.uart.setup:
        assert port.registers[write.address] & (write.set | write.clear) == write.set
