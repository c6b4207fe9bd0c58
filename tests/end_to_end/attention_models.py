"""Write a small network for every case of every attention layer into the folder given. Imports TensorFlow."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

from tests.edgeattn.layers.cases import CASES, network


def main(folder: Path) -> None:
    for case in CASES:
        network(case).save(folder / f"{case}.keras")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
