"""The whole command `edgeattn convert`: what it says, what it writes, and that the C computes what it promises."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.end_to_end.command import REPOSITORY, Finished, edgeattn, files_in
from tests.single_op import Array, litert_reference

EXAMPLE = REPOSITORY / "examples" / "fashion_se"
EXAMPLE_FILES = ("fashion_se.h5", "fashion_se.calibration.npz", "fashion_se.validation.npz")
WARNINGS = ("-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-pedantic", "-Werror")
WIDTH = 120  # of the terminal, in characters
NUMBER = (int, float)
KEYS = {  # what scripts of users read
    **dict.fromkeys(("edgeattn", "model", "model_sha256", "target", "compiler", "compiler_flags", "optimize"), str),
    **dict.fromkeys(("inputs_compared", "macs", "instructions", "activations_bytes", "stack_bytes"), int),
    **dict.fromkeys(("cycles_estimate", "ms_estimate"), (int, float, type(None))),
    **dict.fromkeys(("layers", "fits", "files", "warnings"), list),
    "byte_exact": bool,
    "agreement": dict,
    "flash_bytes": dict,
}
LAYER_KEYS = {
    **dict.fromkeys(("name", "op", "kernel"), str),
    **dict.fromkeys(("instructions", "cycles_estimate"), (int, float, type(None))),
    "macs": int,
    "output_shape": list,
}
AGREEMENT_KEYS = {"samples": int, **dict.fromkeys(("rmse", "mae", "l2r", "nse", "cos", "acc"), NUMBER)}


@dataclass(frozen=True)
class Converted:
    """A finished conversion and the folder it ran in."""

    done: Finished
    folder: Path

    @property
    def files(self) -> dict[str, bytes]:
        """All that stands in the folder now."""
        return files_in(self.folder)


def convert(folder: Path, model: Path, *options: object) -> Converted:
    """Convert in an empty folder of its own, its temporary files beside."""
    folder.mkdir()
    temporary = folder.with_name(f"{folder.name}_temporary")
    temporary.mkdir()
    done = edgeattn(
        "convert", model, *options, cwd=folder, environment={"TMPDIR": str(temporary), "COLUMNS": str(WIDTH)}
    )
    assert files_in(temporary) == {}, done.stderr
    return Converted(done, folder)


@pytest.fixture(scope="session")
def example(tmp_path_factory) -> Path:
    """The example's model with its samples, alone in a folder."""
    folder = tmp_path_factory.mktemp("example")
    for name in EXAMPLE_FILES:
        if not (EXAMPLE / name).exists():
            pytest.skip(f"the example {name} is not here")
        shutil.copy(EXAMPLE / name, folder)
    return folder


@pytest.fixture(scope="session")
def fashion(example, tmp_path_factory) -> Converted:
    """The example converted with no option at all."""
    return convert(tmp_path_factory.mktemp("run") / "plain", example / "fashion_se.h5")


@pytest.fixture(scope="session")
def int8(fashion) -> Path:
    """The example's int8 network: converting it needs no TensorFlow."""
    return fashion.folder / "build" / "fashion_se" / "fashion_se_int8.tflite"


@pytest.fixture(scope="session")
def validation(example) -> tuple[Array, Array]:
    """The example's int8 samples, as firmware would quantise them, and their labels."""
    archive = np.load(example / "fashion_se.validation.npz")
    (images,) = (archive[key] for key in archive.files if archive[key].ndim > 1)
    (labels,) = (archive[key] for key in archive.files if archive[key].ndim == 1)
    return images, labels


@pytest.fixture(scope="session")
def tiny(made, tmp_path_factory) -> Converted:
    """The tiny network from its .keras file; the paths would be markup to a careless printer."""
    folder = tmp_path_factory.mktemp("tiny")
    odd = folder / "[" / "red].npz"
    odd.parent.mkdir()
    np.savez(odd, image=np.random.default_rng(1).uniform(0, 1, (9, 8, 8, 3)).astype(np.float32))
    tiny = convert(folder / "run", made / "tiny.keras", "--calibration", odd, "-o", "[bold]out")
    assert tiny.done.code == 0, tiny.done.stderr
    return tiny


def report_of(converted: Converted, name: str = "fashion_se") -> dict:
    return json.loads(converted.files[f"build/{name}/{name}_report.json"])


# What it writes and says


def test_it_needs_no_option_and_writes_the_header_the_network_and_the_report(fashion, example):
    assert fashion.done.code == 0, fashion.done.stderr
    written = [f"build/fashion_se/fashion_se{end}" for end in (".h", "_int8.tflite", "_report.json")]
    assert list(fashion.files) == written
    assert sorted(files_in(example)) == sorted(EXAMPLE_FILES)
    assert sorted(re.sub(r"^wrote ", "", fashion.done.stderr.strip()).split(", ")) == written


def test_people_read_a_screen(fashion):
    for words in ("byte-exact", "yes", "cos 0.9", "block5_pointwise", "stm32f103c8", "instructions", "calibration"):
        assert words in fashion.done.stdout
    assert "RANDOM" not in fashion.done.stdout
    assert max(map(len, fashion.done.stdout.splitlines())) <= WIDTH


def assert_keys(table: dict, keys: dict) -> None:
    """Every key is there, its value of the type (True is no number), and no number is negative."""
    for key, kind in keys.items():
        value = table[key]
        assert isinstance(value, kind), key
        assert isinstance(value, bool) == (kind is bool), key
        assert not isinstance(value, NUMBER) or value >= 0, key


def test_the_report_holds_what_scripts_read(fashion):
    report = report_of(fashion)
    assert_keys(report, KEYS)
    assert_keys(report["agreement"], AGREEMENT_KEYS)
    assert_keys(report["flash_bytes"], dict.fromkeys(("code", "weights", "tables"), int))
    for layer in report["layers"]:
        assert_keys(layer, LAYER_KEYS)


def test_the_report_says_what_is_so(fashion, int8):
    report, agreement = report_of(fashion), report_of(fashion)["agreement"]
    assert (report["model"], report["target"], report["optimize"]) == ("fashion_se.h5", "cortex-m4", "balanced")
    assert re.fullmatch(r"zig \d+\.\d+.*", report["compiler"])
    assert (report["byte_exact"], report["differing_bytes"], report["inputs_compared"]) == (True, 0, 8)
    assert agreement["samples"] == 100
    assert agreement["cos"] > 0.998
    assert agreement["acc"] >= 0.95
    assert sum(layer["macs"] for layer in report["layers"]) == report["macs"] == 992_288
    assert report["instructions"] > report["macs"] / 2
    header = fashion.files["build/fashion_se/fashion_se.h"].decode()
    assert f"FASHION_SE_ACTIVATIONS_BYTES {report['activations_bytes']}\n" in header
    assert report["model_sha256"] in header
    assert {"stm32f446re", "stm32f103c8"} <= set(report["fits"])
    assert "stm32c031c6" not in report["fits"]  # 12 KiB of RAM
    assert all((fashion.folder / file).is_file() for file in report["files"])
    assert len(report["files"]) == len(fashion.files)


# What the C computes


NATIVE = """#include <stdio.h>
#define FASHION_SE_IMPLEMENTATION
#include "fashion_se.h"
int main(void)
{
    static int8_t input[FASHION_SE_INPUT_BYTES], output[FASHION_SE_OUTPUT_BYTES];
    FASHION_SE_DEFINE_ACTIVATIONS(activations);
    static float image[FASHION_SE_INPUT_BYTES];
    if (fashion_se_check() != FASHION_SE_OK)
        return 1;
    while (fread(image, sizeof image, 1, stdin) == 1) {
        for (int i = 0; i < FASHION_SE_INPUT_BYTES; i++)
            input[i] = fashion_se_quantise(image[i]);
        if (fashion_se_run(activations, input, output) != FASHION_SE_OK)
            return 2;
        fwrite(input, sizeof input, 1, stdout);
        fwrite(output, sizeof output, 1, stdout);
    }
    return 0;
}
"""


def host_gcc() -> str:
    found = shutil.which("gcc")
    if found is None:
        pytest.skip("gcc is not installed")
    return found


def test_on_this_computer_the_header_gives_the_reference_s_bytes_and_classes(fashion, int8, validation, tmp_path):
    (tmp_path / "main.c").write_text(NATIVE)
    header = fashion.folder / "build" / "fashion_se"
    subprocess.run([host_gcc(), *WARNINGS, "-O2", f"-I{header}", "main.c", "-o", "native"], cwd=tmp_path, check=True)
    images, labels = validation
    given = images.astype("<f4").tobytes()
    done = subprocess.run([tmp_path / "native"], input=given, capture_output=True, check=True)
    rows = np.frombuffer(done.stdout, np.int8).reshape(len(images), -1)
    inputs, outputs = rows[:, : images[0].size], rows[:, images[0].size :]
    network, shape = int8.read_bytes(), (1, *images.shape[1:])
    expected = np.stack([litert_reference(network, [row.reshape(shape)])[0].ravel() for row in inputs])
    assert outputs.tobytes() == expected.tobytes()
    assert len(labels) == 200
    assert np.mean(expected.argmax(axis=1) == labels) >= 0.85
    assert len(np.unique(expected, axis=0)) > 50  # the samples do reach the network


# Once more


def test_json_is_all_of_stdout_and_a_second_run_gives_the_same_bytes(fashion, example, tmp_path):
    again = convert(tmp_path / "again", example / "fashion_se.h5", "--json")
    assert (again.done.code, again.done.stderr) == (0, "")
    assert again.done.report["model"] == "fashion_se.h5"
    assert again.done.stdout.encode() == again.files["build/fashion_se/fashion_se_report.json"]
    assert again.files == fashion.files


# Options, on the int8 network, which needs no TensorFlow


def test_split_writes_three_c_files_under_the_name_given(int8, tmp_path):
    options = ("--split", "-n", "Clothes 2", "-o", "out/put", "-q", "--target", "NUCLEO_F446RE")
    split = convert(tmp_path / "split", int8, *options)
    assert (split.done.code, split.done.stdout, split.done.stderr) == (0, "", "")
    names = {Path(path).name for path in split.files}
    stem = next(name for name in names if name.endswith("_report.json")).removesuffix("_report.json")
    assert stem == "clothes_2"
    assert names == {f"{stem}{end}" for end in (".h", ".c", "_data.c", "_report.json")}
    assert {str(Path(path).parent) for path in split.files} == {"out/put"}
    assert json.loads(split.files[f"out/put/{stem}_report.json"])["target"] == "stm32f446re"
    command = [host_gcc(), *WARNINGS, "-c", f"{stem}.c", f"{stem}_data.c"]
    subprocess.run(command, cwd=tmp_path / "split" / "out" / "put", check=True)


@pytest.mark.parametrize(
    ("spelling", "target", "core"),
    [
        ("STM32F7", "stm32f7", "cortex-m7"),
        ("cortex_m0", "cortex-m0", "cortex-m0"),
        ("bluepill", "stm32f103c8", "cortex-m3"),
    ],
)
def test_a_target_is_a_series_a_core_or_a_board(tiny, tmp_path, spelling, target, core):
    network = tiny.folder / "[bold]out" / "tiny_int8.tflite"
    done = convert(tmp_path / "run", network, "--json", "--target", spelling).done
    assert done.code == 0, done.stderr
    assert done.report["target"].startswith(target)
    assert done.report["core"] == core


@pytest.mark.arm
def test_gcc_gives_the_same_bytes(int8, tmp_path):
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("arm-none-eabi-gcc is not installed")
    done = convert(tmp_path / "gcc", int8, "--json", "--compiler", "gcc", "-O", "time").done
    assert done.code == 0, done.stderr
    assert (done.report["byte_exact"], done.report["optimize"]) == (True, "time")
    assert re.fullmatch(r"gcc \d+\.\d+.*", done.report["compiler"])


def test_names_with_brackets_are_printed_as_they_are(tiny):
    """rich takes [words] for its markup: a file's name may not vanish, nor end the run."""
    assert "9 of 9 samples of red].npz" in tiny.done.stdout
    assert "wrote [bold]out/tiny.h" in tiny.done.stderr


# Every kind of file


@pytest.mark.parametrize("file", ["tiny_saved", "tiny_float.tflite"])
def test_every_kind_of_file_converts(made, tmp_path, file):
    done = convert(tmp_path / "run", made / file, "--json", "-o", "out").done
    if "pip install 'edgeattn[tflite]'" in done.stderr:
        assert done.code == 3
        pytest.skip("quantising a float .tflite needs ai-edge-quantizer")
    assert done.code == 0, done.stderr
    report = done.report
    assert report["byte_exact"]
    assert report["agreement"]["cos"] > 0.99
    assert report["outputs"][0]["shape"] == [1, 5]
    assert f"{file.removesuffix('.tflite')}_run(" in (tmp_path / "run" / "out" / f"{Path(file).stem}.h").read_text()


def test_two_inputs_and_two_outputs_stand_in_the_model_s_order(made, tmp_path):
    two = convert(tmp_path / "run", made / "two.keras", "--json")
    assert two.done.code == 0, two.done.stderr
    report = two.done.report
    assert report["byte_exact"]
    assert [port["shape"] for port in report["inputs"]] == [[1, 6, 6, 2], [1, 3]]
    assert [port["shape"] for port in report["outputs"]] == [[1, 5], [1, 2]]
    assert min(part["cos"] for part in report["agreement_per_output"]) > 0.99
    header = two.files["build/two/two.h"].decode()
    sizes = [int(size) for size in re.findall(r"#define TWO_(?:IN|OUT)PUT(?:_2)?_BYTES +(\d+)", header)]
    assert sizes == [72, 3, 5, 2]


def test_the_activations_and_normalisations_of_keras_convert(made, tmp_path):
    done = convert(tmp_path / "run", made / "functions.keras", "--json").done
    assert done.code == 0, done.stderr
    assert done.report["byte_exact"]
    bad = [part for part in done.report["agreement_per_output"] if part["cos"] < 0.98]
    assert bad == []


@pytest.mark.parametrize("file", ["moving.keras", "open_attention.tflite"])
def test_layers_that_move_bytes_and_shapes_left_open_convert(made, tmp_path, file):
    done = convert(tmp_path / "run", made / file, "--json").done
    assert done.code == 0, done.stderr
    assert done.report["byte_exact"]


def test_the_convolutions_resizes_products_and_attention_of_keras_convert(made, tmp_path):
    done = convert(tmp_path / "run", made / "shapes.keras", "--json").done
    assert done.code == 0, done.stderr
    assert done.report["byte_exact"]
    assert [part for part in done.report["agreement_per_output"] if part["cos"] < 0.98] == []
    kinds = {layer["op"] for layer in done.report["layers"]}
    assert {"TransposeConv", "ResizeBilinear", "BatchMatMul", "Softmax"} <= kinds


def test_a_transformer_s_block_converts(made, tmp_path):
    done = convert(tmp_path / "run", made / "transformer.keras", "--json").done
    assert done.code == 0, done.stderr
    assert done.report["byte_exact"]
    assert done.report["agreement"]["cos"] > 0.98
