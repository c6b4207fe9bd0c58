"""Talks to firmware on a board: the same network, on the core that it ships on."""

from firmware_export.device.client import Device, Wanted, open_device
from firmware_export.device.conversation import Patience
from firmware_export.device.network import Binding, binding_of, firmware_sources, network_text, read_binding
from firmware_export.device.replies import DeviceInfo, DeviceRun, LayerRun

__all__ = [
    "Binding",
    "Device",
    "DeviceInfo",
    "DeviceRun",
    "LayerRun",
    "Patience",
    "Wanted",
    "binding_of",
    "firmware_sources",
    "network_text",
    "open_device",
    "read_binding",
]
