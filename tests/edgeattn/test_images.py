"""Folders of images: what was done to them is said, and a bad one is named with its folder."""

from __future__ import annotations

import pytest
from PIL import Image

from edgeattn import images
from edgeattn.calibration import SampleRequest, Wanted, load
from edgeattn.errors import SamplesError

SMALL = (96, 96)  # width, height of the input
GREY, COLOUR = 1, 3
# sizes and modes in the folder, channels of the input: what is said
CHANGES = {
    "as they are": ([(SMALL, "RGB")] * 2, COLOUR, ""),
    "a palette is colour": ([(SMALL, "P")], COLOUR, ""),
    "resized": ([((640, 480), "RGB")] * 3, COLOUR, ", resized from 640x480 to 96x96"),
    "some resized": ([(SMALL, "L"), ((8, 9), "L")], GREY, ", resized from 8x9 to 96x96"),
    "of several sizes, the commonest is named": (
        [((8, 8), "L"), ((640, 480), "L"), ((640, 480), "L")],
        GREY,
        ", resized from 640x480 and other sizes to 96x96",
    ),
    "made grey": ([(SMALL, "RGB")], GREY, ", converted to grey"),
    "one made grey": ([(SMALL, "L"), (SMALL, "RGB")], GREY, ", converted to grey"),
    "transparency lost": ([(SMALL, "RGBA")], COLOUR, ", converted to colour"),
    "both": ([((640, 480), "RGB")], GREY, ", resized from 640x480 to 96x96, converted to grey"),
}


@pytest.mark.parametrize(("stored", "channels", "words"), CHANGES.values(), ids=CHANGES)
def test_what_was_done_to_the_images_is_said(tmp_path, stored, channels, words):
    for index, (size, mode) in enumerate(stored):
        Image.new(mode, size).save(tmp_path / f"{index}.png")
    samples = load(SampleRequest(tmp_path), (Wanted("image", (96, 96, channels)),))
    assert samples.description == f"{len(stored)} of {len(stored)} images of {tmp_path.name}{words}"


def test_how_many_there_were_is_said(tmp_path):
    for index in range(5):
        Image.new("L", SMALL).save(tmp_path / f"{index}.png")
    samples = load(SampleRequest(tmp_path, limit=2), (Wanted("image", (96, 96, 1)),))
    assert samples.description.startswith("2 of 5 images of ")


def test_a_broken_image_is_named_with_its_folder_and_a_way_out(tmp_path):
    broken = tmp_path / "cats" / "broken.png"
    broken.parent.mkdir()
    broken.write_bytes(b"\x89PNG\r\n\x1a\n broken")
    with pytest.raises(SamplesError) as refused:
        images.read([broken], (2, 2, 1))
    assert str(refused.value).startswith(f"{broken}: ")
    assert "remove it" in str(refused.value)
    assert "\n" not in str(refused.value)
