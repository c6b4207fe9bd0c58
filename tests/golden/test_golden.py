"""The generated C of a small squeeze-and-excitation network, to the letter: it changes only in a commit that says so.

After a change that is meant: EDGEATTN_GOLDEN=write pytest tests/golden
"""

from __future__ import annotations

import os
from pathlib import Path

from firmware_export.export import export

MODEL = Path(__file__).with_name("small_se.tflite")
GOLDEN = Path(__file__).with_name("small_se.h")


def test_the_generated_c_is_unchanged():
    text = export(MODEL.read_bytes(), name="small_se").files["small_se.h"]
    if os.environ.get("EDGEATTN_GOLDEN") == "write":
        GOLDEN.write_text(text, encoding="utf-8", newline="\n")
    assert text == GOLDEN.read_text(encoding="utf-8"), "another text: read the difference, then the top of this file"
