"""`edgeattn firmware`: a board's whole project, or what goes into one, or one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.command import edgeattn, files_in
from tests.firmware_export.device.board import small


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder with a converted network's header."""
    (tmp_path / "small_se.h").write_text(small().files["small_se.h"], encoding="utf-8")
    return tmp_path


def test_a_board_gets_a_built_project(folder):
    done = edgeattn("firmware", "small_se.h", "--target", "nucleo-f446re", cwd=folder)
    assert (done.code, done.stderr) == (0, "")
    assert "build/small_se_firmware/small_se.bin for nucleo-f446re" in done.stdout
    assert "edgeattn validate MODEL --device serial:PORT" in done.stdout
    files = files_in(folder / "build" / "small_se_firmware")
    assert {"small_se.bin", "small_se.elf", "Makefile", "small_se.h", "ea_startup.c"} <= files.keys()


def test_the_same_header_gives_the_same_firmware(folder):
    for name in ("one", "two"):
        assert (
            edgeattn("firmware", "small_se.h", "--target", "nucleo-g071rb", "-o", name, "-q", cwd=folder).stdout == ""
        )
    assert files_in(folder / "one") == files_in(folder / "two")


def test_a_core_gets_what_goes_into_a_project(folder):
    done = edgeattn("firmware", "small_se.h", "--target", "cortex-m7", "-o", "out", cwd=folder)
    assert (done.code, done.stderr) == (0, "")
    assert "provide the functions of ea_uart.h, and call ea_device_serve() from main" in done.stdout
    assert "ea_device.c" in files_in(folder / "out")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("no.h", "--target", "nucleo-f446re"), 3, "no.h: there is no such file: name the <name>.h"),
        (("text.h", "--target", "nucleo-f446re"), 3, "text.h: no header that edgeattn wrote"),
        (("small_se.h", "--target", "nucleo-x"), 2, "nucleo-x"),
        (("large.h", "--target", "nucleo-f446re"), 5, "large does not fit"),
        (("small_se.h", "--target", "nucleo-f446re", "-o", "text.h"), 2, "text.h is a file"),
        (("small_se.h",), 2, "--target"),
    ],
    ids=["no header", "another header", "no such target", "too large", "a file in the way", "no target"],
)
def test_what_is_wrong_is_one_sentence_and_writes_nothing(folder, arguments, code, words):
    (folder / "text.h").write_text("int main(void);\n", encoding="utf-8")
    large = small().files["small_se.h"].replace("_ACTIVATIONS_BYTES 344", "_ACTIVATIONS_BYTES 900000")
    large = large.replace("small_se", "large").replace("SMALL_SE", "LARGE")
    (folder / "large.h").write_text(large, encoding="utf-8")
    before = files_in(folder)
    done = edgeattn("firmware", *arguments, cwd=folder)
    assert done.code == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert files_in(folder) == before
