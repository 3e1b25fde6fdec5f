"""A load generator on plain sockets: cheap enough to share the machine with what it measures.

`at_full_rate` keeps every connection busy (closed loop); `at_rate` sends on a timetable whatever the answers do and
counts each latency from the planned instant, so that a stall is felt by everyone who had to wait.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Outcome:
    """What one phase gave: seconds of each answered call, statuses, and how long it took in all."""

    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    first_refusal: str = ""

    @property
    def per_second(self) -> float:
        """Successful calls a second."""
        return self.statuses[200] / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency, in milliseconds, that `share` of the calls did not exceed."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Connection:
    """One kept-alive connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def send(self, request: bytes) -> tuple[int, bytes]:
        """Send a request and return status and body; a connection the server closed is opened anew once."""
        if self.writer is None or self.writer.is_closing():
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        assert self.reader
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        lines = head.lower()
        place = lines.find(b"content-length:")
        length = int(lines[place + 15:lines.index(b"\r\n", place)]) if place >= 0 else 0
        return status, await self.reader.readexactly(length)

    def close(self) -> None:
        """Let go."""
        if self.writer is not None:
            self.writer.close()


async def _one(connection: Connection, request: bytes, since: float, outcome: Outcome) -> None:
    status, body = await connection.send(request)
    outcome.latencies.append(time.perf_counter() - since)
    outcome.statuses[status] += 1
    if status != 200 and not outcome.first_refusal:
        outcome.first_refusal = body.decode(errors="replace")


async def _closed(requests: Iterator[bytes], port: int, connections: int) -> Outcome:
    outcome = Outcome()

    async def busy() -> None:
        connection = Connection(port)
        for request in requests:
            await _one(connection, request, time.perf_counter(), outcome)
        connection.close()

    began = time.perf_counter()
    await asyncio.gather(*(busy() for _ in range(connections)))
    outcome.seconds = time.perf_counter() - began
    return outcome


async def _open(requests: Sequence[bytes], port: int, per_second: float) -> Outcome:
    outcome, idle, running = Outcome(), [], set()
    began = time.perf_counter()

    async def sent(request: bytes, planned: float) -> None:
        connection = idle.pop() if idle else Connection(port)
        await _one(connection, request, planned, outcome)
        idle.append(connection)

    for number, request in enumerate(requests):
        planned = began + number / per_second
        if (wait := planned - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(sent(request, planned))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    outcome.seconds = time.perf_counter() - began
    for connection in idle:
        connection.close()
    return outcome


def at_full_rate(requests: Sequence[bytes], *, port: int, connections: int) -> Outcome:
    """Send all requests over so many connections, each as fast as it is answered."""
    return asyncio.run(_closed(iter(requests), port, connections))


def at_rate(requests: Sequence[bytes], *, port: int, per_second: float) -> Outcome:
    """Send the requests evenly, so many a second."""
    return asyncio.run(_open(requests, port, per_second))
