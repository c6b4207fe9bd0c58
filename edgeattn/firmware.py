"""`edgeattn firmware`: what a board must run for `edgeattn validate --device`."""

from __future__ import annotations

from pathlib import Path

import firmware_export
from edgeattn.conversion import BUILD
from edgeattn.files import check_folder, write_all
from firmware_export import FirmwareProject


def write_firmware(header: Path, target: str, output: Path | None) -> tuple[Path, FirmwareProject]:
    """Build the firmware of a converted network for a target and write its files; the folder and what stands there.

    Raises OutputError, and firmware_export's ModelError, UnknownTarget, DoesNotFit, BuildFailed and ToolMissing.
    """
    network = firmware_export.read_network(header)
    folder = output or BUILD / f"{network.binding.name}_firmware"
    check_folder(folder)
    project = firmware_export.firmware_project(network, target)
    write_all({folder / name: content for name, content in project.files.items()})
    return folder, project


def next_step(project: FirmwareProject, folder: Path) -> str:
    """What to do with the files."""
    where = folder.as_posix()
    if not project.board:
        return (
            f"wrote {len(project.files)} files to {where} for a project of yours: add them to it, provide the "
            "functions of ea_uart.h, and call ea_device_serve() from main"
        )
    return (
        f"wrote {where}/{project.name}.bin for {project.board}, with its sources and Makefile: copy it to the board's "
        "drive, then edgeattn validate MODEL --device serial:PORT"
    )
