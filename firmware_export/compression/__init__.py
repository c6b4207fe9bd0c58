"""Weights in flash as Huffman codes, where that takes less flash and the memory to decode them in is there."""

from firmware_export.compression.candidates import Candidate
from firmware_export.compression.choice import Choice, choose
from firmware_export.compression.coding import with_coded_weights
from firmware_export.compression.told import CompressedLayer, Compression, Kept, told

__all__ = ["Candidate", "Choice", "CompressedLayer", "Compression", "Kept", "choose", "told", "with_coded_weights"]
