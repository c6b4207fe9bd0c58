"""Compiled helpers are made once, whole, and where the user may write."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from firmware_export.emulator import Toolchain, build
from firmware_export.emulator.cache import UNUSED_SECONDS, cache_folder, cached_file


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("EDGEATTN_CACHE_DIR", str(tmp_path))
    cache_folder.cache_clear()
    yield tmp_path / "edgeattn"
    cache_folder.cache_clear()


def test_a_file_is_made_once_for_each_recipe(folder):
    made = []

    def make(path):
        made.append(path.name)
        path.write_bytes(b"content")

    first, again, other = (cached_file("tool.o", recipe=recipe, make=make) for recipe in ("a", "a", "b"))
    assert first == again != other
    assert made == ["tool.o", "tool.o"]
    assert sorted(folder.iterdir()) == sorted([first, other])


def test_a_failure_leaves_nothing_behind(folder):
    def fail(path):
        path.write_bytes(b"half a file")
        raise RuntimeError("the compiler died")

    with pytest.raises(RuntimeError, match="died"):
        cached_file("tool.o", recipe="a", make=fail)
    assert list(folder.iterdir()) == []


def test_a_place_that_cannot_be_written_is_replaced_by_a_temporary_one(tmp_path, monkeypatch):
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("EDGEATTN_CACHE_DIR", str(tmp_path / "a file"))
    cache_folder.cache_clear()
    assert cache_folder().is_dir()
    assert tmp_path not in cache_folder().parents
    cache_folder().rmdir()
    cache_folder.cache_clear()


BUILD = """
from firmware_export.emulator import Toolchain, build
text = "int model_run(int *a, int b);\\nint model_run(int *a, int b) { return a[0] / b; }\\n"
print(build({"model.h": text}, name="model", toolchain=Toolchain("cortex-m0")).sizes.code)
"""


def test_two_processes_with_an_empty_cache_build_the_same(folder):
    processes = [subprocess.Popen([sys.executable, "-c", BUILD], stdout=subprocess.PIPE) for _ in range(2)]
    sizes = [int(process.communicate(timeout=120)[0]) for process in processes]
    assert sizes[0] == sizes[1] > 0
    kept = sorted(path.name.partition("-")[2] for path in folder.iterdir() if path.is_file())
    assert kept == ["cortex-m0.elf", "runtime-cortex-m0.o"]


def test_what_was_built_is_not_built_again(folder, monkeypatch):
    text = "int model_run(int a);\nint model_run(int a) { return a; }\n"
    first = build({"model.h": text}, name="model", toolchain=Toolchain("cortex-m3"))
    monkeypatch.setattr(sys.modules["firmware_export.emulator.build"], "run_tool", None)
    assert build({"model.h": text}, name="model", toolchain=Toolchain("cortex-m3")).elf == first.elf
    with pytest.raises(TypeError):  # another text, another level: built anew, which the line above prevents
        build({"model.h": text + "\n"}, name="model", toolchain=Toolchain("cortex-m3"))
    with pytest.raises(TypeError):
        build({"model.h": text}, name="model", toolchain=Toolchain("cortex-m3", optimize="-Os"))


def test_a_damaged_program_in_the_cache_is_built_again(folder):
    files = {"model.h": "int model_run(int a);\nint model_run(int a) { return a; }\n"}
    first = build(files, name="model", toolchain=Toolchain("cortex-m3"))
    (kept,) = folder.glob("*-cortex-m3.elf")
    kept.write_bytes(first.elf[:100])
    assert build(files, name="model", toolchain=Toolchain("cortex-m3")).elf == first.elf == kept.read_bytes()


def test_what_nobody_used_for_a_month_goes(folder):
    long_ago = time.time() - UNUSED_SECONDS - 60
    old, used, killed = (folder / name for name in ("old", "used", "killed"))
    folder.mkdir()
    killed.mkdir()
    (killed / "half").write_bytes(b"")
    for path in (old, used):
        path.write_bytes(b"")
    for path in (old, killed):
        os.utime(path, (long_ago, long_ago))
    made = cached_file("tool.o", recipe="a", make=lambda path: path.write_bytes(b""))
    assert sorted(folder.iterdir()) == sorted([used, made])
