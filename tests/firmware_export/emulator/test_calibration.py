"""Estimates of code as fast as what was measured on a NUCLEO-L4R5ZI at 120 MHz grow by flash waits as it did."""

from __future__ import annotations

import pytest

from firmware_export.emulator import estimate_cycles, flash_waits, run
from firmware_export.targets import FLASHES
from tests.firmware_export.emulator.calibration import CONVOLUTION, CONVOLUTION_MACS, DENSE, DENSE_MACS
from tests.firmware_export.emulator.headers import COMPILERS, image_of

FLASH = FLASHES["stm32l4r5"]
# Measured cycles over those estimated without waits: 1.032 / 0.808 M for the dense network, and for three convolution
# networks 11.977 / 10.376 M, 36.144 / 30.816 M and 46.747 / 39.736 M, of 3 to 4 cycles a multiplication.
MEASURED = {"dense": (DENSE, DENSE_MACS, 1.28), "convolution": (CONVOLUTION, CONVOLUTION_MACS, 1.17)}


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("network", MEASURED)
def test_waits_for_flash_lengthen_an_inference_as_on_silicon(network, compiler):
    model, macs, ratio = MEASURED[network]
    image = image_of(model, "cortex-m4", compiler)
    sample = [bytes(model.interface.input_bytes[0])]
    estimate = estimate_cycles(image, run(image, model.interface, [sample]))
    assert 2.8 < estimate.total / macs < 3.5
    waits = sum(flash_waits(image, model.interface, sample, FLASH).values())
    assert 1 + waits / estimate.total == pytest.approx(ratio, abs=0.03)
