"""`--compress-weights` as users see it."""

from __future__ import annotations

import pytest

from tests.end_to_end.command import Finished, edgeattn
from tests.firmware_export.test_compression import dense


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two models: one whose weights are worth it, one of noise."""
    made = tmp_path_factory.mktemp("compress")
    (made / "narrow.tflite").write_bytes(dense(90, 30, spread=9))
    (made / "wide.tflite").write_bytes(dense(20, spread=90, depth=30))
    return made


def words(done: Finished) -> str:
    """What was printed, without frames and line ends."""
    assert done.code == 0, done.stderr
    return " ".join(done.stdout.replace("│", " ").replace("┃", " ").split())


def test_a_conversion_says_what_was_saved_and_what_it_costs(folder):
    plain, small = (
        edgeattn("convert", "narrow.tflite", "--json", "-o", out, *options, cwd=folder).report
        for out, options in (("plain", ()), ("small", ("--compress-weights", 4096)))
    )
    assert plain["compression"] is None
    told = small["compression"]
    assert small["byte_exact"]
    saved = sum(plain["flash_bytes"].values()) - sum(small["flash_bytes"].values())
    assert saved == pytest.approx(told["saved_bytes"], abs=250)
    assert [layer["name"] for layer in told["layers"]] == [layer["name"] for layer in small["layers"]]
    assert told["instructions"] == sum(layer["instructions"] for layer in told["layers"]) > 0
    assert 0 < told["cycles_estimate"] < small["cycles_estimate"]
    more = small["activations_bytes"] - plain["activations_bytes"]
    assert more == told["activations_bytes_more"] <= told["most_ram_bytes"] == 4096
    for before, after, layer in zip(plain["layers"], small["layers"], told["layers"], strict=True):
        assert before["weights_bytes"] - after["weights_bytes"] == layer["bytes"] - layer["coded_bytes"] > 0


@pytest.mark.parametrize("command", [("convert", "-o", "out"), ("analyze",), ("bench",)])
def test_every_report_shows_code_weights_and_tables_and_what_compression_did(folder, command):
    name, *options = command
    text = words(edgeattn(name, "narrow.tflite", *options, "--compress-weights", 4096, cwd=folder))
    assert all(word in text for word in ("code", "weights", "tables"))
    assert "compressed weights save about" in text
    assert "decoding takes" in text
    refused = words(edgeattn(name, "wide.tflite", *options, "--compress-weights", 4096, cwd=folder))
    assert "weights are not compressed: with at most 4,096 bytes of RAM more it saves no flash" in refused
    assert "left as they were, since they would take more flash" in refused
