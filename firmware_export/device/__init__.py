"""Talks to firmware on a board: the same network, on the core that it ships on."""

from firmware_export.device.client import Device, Wanted, open_device
from firmware_export.device.conversation import Patience
from firmware_export.device.network import Binding, binding_of, firmware_sources, network_files
from firmware_export.device.project import FirmwareProject, Network, firmware_project, read_network
from firmware_export.device.replies import DeviceInfo, DeviceRun, LayerRun

__all__ = [
    "Binding",
    "Device",
    "DeviceInfo",
    "DeviceRun",
    "FirmwareProject",
    "LayerRun",
    "Network",
    "Patience",
    "Wanted",
    "binding_of",
    "firmware_project",
    "firmware_sources",
    "network_files",
    "open_device",
    "read_network",
]
