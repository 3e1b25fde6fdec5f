"""The process that reads pictures of papers (R1.4): `weidai reader`."""

from __future__ import annotations

import asyncio
import os

import typer

from weidai.cli.output import errors


def reader() -> None:
    """识别证件照片 / Read pictures of papers for the web server until stopped; one at a time, on this machine only."""
    from weidai.platform.logs import configure_logs
    from weidai.vision import asking, frames, worker

    if not asking.is_installed():
        errors.print("缺少识别组件 / the vision group is not installed: make setup")
        raise typer.Exit(1)
    configure_logs(as_json=os.environ.get("WEIDAI_LOG_FORMAT") == "json", level=os.environ.get("WEIDAI_LOG_LEVEL", "INFO"))
    asyncio.run(worker.serve(frames.socket_path(), worker.Desk()))
