"""A world inside a test: one thread, a free port, an empty store."""

import threading
from dataclasses import dataclass
from pathlib import Path
from wsgiref.types import WSGIApplication

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox_world.app import create_app
from sandbox_world.settings import DEFAULT_PEOPLE, DEFAULT_SEED, Settings
from sandbox_world.world import World


class _QuietHandler(WSGIRequestHandler):
    """Keeps test output free of access lines."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:
        """Write nothing."""


@dataclass(slots=True)
class RunningWorld:
    """A world that answers on `base_url` until `stop`."""

    world: World
    base_url: str
    keys_folder: Path
    app: WSGIApplication
    _server: BaseWSGIServer
    _thread: threading.Thread

    def stop(self) -> None:
        """Stop serving and close the store."""
        self._server.shutdown()
        self._thread.join(timeout=5)
        self._server.server_close()
        self.world.stop()


def start(
    home: Path,
    callback_url: str | None = None,
    port: int = 0,
    *,
    seed: int = DEFAULT_SEED,
    people: int = DEFAULT_PEOPLE,
) -> RunningWorld:
    """Start a world in a thread and return it; port 0 takes any free port."""
    world = World(Settings(Path(home), callback_url, seed, people))
    app = create_app(world)
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_QuietHandler)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="sandbox-world", daemon=True
    )
    thread.start()
    world.start()
    return RunningWorld(world, f"http://127.0.0.1:{server.server_port}", Path(home) / "keys", app, server, thread)
