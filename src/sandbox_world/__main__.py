"""`python -m sandbox_world`: start one sandbox world."""

import argparse
import logging
import sys
from pathlib import Path

from sandbox_world.settings import DEFAULT_PEOPLE, DEFAULT_SEED, MAX_PEOPLE, Settings

DEFAULT_THREADS = 16


def arguments_read(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="sandbox_world", description="The outside world of weidai: synthetic people, banks and bureaus."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8900)
    parser.add_argument("--home", type=Path, default=Path("sandbox-home"), help="folder of the store and the keys")
    parser.add_argument("--callback-url", default=None, help="where events are sent")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="seed of the population")
    parser.add_argument("--people", type=int, default=DEFAULT_PEOPLE, help="size of the population")
    parser.add_argument("--threads", type=int, default=DEFAULT_THREADS, help="requests answered at the same time")
    chosen = parser.parse_args(arguments)
    if not 1 <= chosen.port <= 65_535:
        parser.error("--port lies between 1 and 65535")
    if not 1 <= chosen.people <= MAX_PEOPLE:
        parser.error(f"--people lies between 1 and {MAX_PEOPLE}")
    if not 0 <= chosen.seed <= 2**31:
        parser.error("--seed lies between 0 and 2147483648")
    if not 1 <= chosen.threads <= 256:
        parser.error("--threads lies between 1 and 256")
    if chosen.callback_url and not chosen.callback_url.startswith(("http://", "https://")):
        parser.error("--callback-url is an http or https address")
    return chosen


def main(arguments: list[str] | None = None) -> int:
    """Start the world and serve until told to stop."""
    from sandbox_world.server import port_is_free, serve

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    chosen = arguments_read(arguments)
    if not port_is_free(chosen.host, chosen.port):
        sys.stderr.write(f"sandbox_world: somebody listens on {chosen.host}:{chosen.port} already\n")
        return 2
    settings = Settings(chosen.home.resolve(), chosen.callback_url, chosen.seed, chosen.people)
    sys.stderr.write(f"sandbox_world: http://{chosen.host}:{chosen.port}/ (people and money are invented)\n")
    serve(settings, host=chosen.host, port=chosen.port, threads=chosen.threads)
    return 0


if __name__ == "__main__":
    sys.exit(main())
