"""Subject `server`: `call-scheduler serve` under load, on SQLite and on PostgreSQL; no peers.

Server, client and harness are three processes on one machine, and talk over loopback. The clock of the server is moved
by hand and stands still, so what is measured is taking numbers in: reading, judging duplicates, storing, answering.
Every request has a key of its own, as a careful client's has, and every number another phone.

A client sends its next request once the one before is answered; several clients are as many threads and connections of
the client's process. What is kept is the time of every single request. PostgreSQL is the service on loopback, or one
that is started for the run; every case has a store of its own.
"""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, NamedTuple

from benchmarks import workload
from benchmarks.harness import Bench, Contender, child
from tests.servers import Server, Servers, database, postgresql, running

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
CAMPAIGN = "load"
PATIENCE_S = 600
CLIENTS = 8


class Place(NamedTuple):
    """Where a server of one case runs: its store, and the servers that are ended with it."""

    store: str
    servers: Servers

    def start(self) -> Server:
        """A server that is ready; a large campaign may take it a while."""
        return self.servers.start(self.store, clock=workload.NOW_TEXT, patience_s=PATIENCE_S)


@contextmanager
def place(kind: str) -> Iterator[Place]:
    """A store that is new, and gone at the end with all its servers."""
    with TemporaryDirectory(prefix="call-scheduler-") as folder, running(Path(folder)) as servers:
        if kind == SQLITE:
            yield Place(str(Path(folder) / "store.sqlite"), servers)
        else:
            with postgresql() as service, database(service) as url:
                yield Place(url, servers)
                servers.stop()


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None, key: str = "") -> bytes:
    """The body of a good answer. Raises RuntimeError for another."""
    headers = {"Content-Type": "application/json"} | ({"Idempotence-Key": key} if key else {})
    connection.request(method, path, body=body, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status not in {200, 201}:
        msg = f"{method} {path}: {answer.status} {content[:200]!r}"
        raise RuntimeError(msg)
    return content


def connect(port: int) -> http.client.HTTPConnection:
    """A connection to the server."""
    return http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)


def new_campaign(server: Server) -> None:
    """The campaign that takes the numbers."""
    connection = connect(server.port)
    ask(connection, "PUT", f"/simulator/campaigns/{CAMPAIGN}", b'{"maxSimultaneousCalls": 20}')
    connection.close()


def bodies(requests: int, numbers: int) -> list[bytes]:
    """Requests of so many numbers each; no two phones are alike."""
    return [
        workload.body(workload.draw(numbers, workload.SEED + each), first=each * numbers) for each in range(requests)
    ]


def load(port: int, clients: int, requests: int, numbers: int) -> dict[str, Any]:
    """What the client's process does: sends all, and says how long each request took, and all of them."""
    todo = list(enumerate(bodies(requests, numbers)))[::-1]
    times: list[float] = []
    failures: list[BaseException] = []
    start = threading.Barrier(clients + 1)

    def one_client() -> None:
        connection = connect(port)
        connection.connect()
        start.wait()
        try:
            while todo:
                each, body = todo.pop()
                began = perf_counter()
                ask(connection, "POST", f"/api/calls/campaign/{CAMPAIGN}/addPhones", body, key=f"key-{each}")
                times.append(perf_counter() - began)
        except IndexError:  # another client has taken the last
            pass
        except BaseException as error:  # noqa: BLE001  told by whoever waits
            failures.append(error)
        connection.close()

    threads = [threading.Thread(target=one_client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    start.wait()
    began = perf_counter()
    for thread in threads:
        thread.join()
    seconds = perf_counter() - began
    if failures:
        raise failures[0]
    return {"seconds": seconds, "times": times}


def measure_load(bench: Bench, case: str, *, clients: int, requests: int, numbers: int) -> None:
    """One case on both stores."""
    for kind in (SQLITE, POSTGRESQL):
        with place(kind) as where:
            server = where.start()
            new_campaign(server)
            answer = child("load", *map(str, (server.port, clients, requests, numbers)))
        bench.load(case, kind, clients=clients, numbers=numbers, **answer)


def peak_mb(process: int) -> float | None:
    """The peak of a process' resident memory, in MB; None where the system does not tell."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    kilobytes = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")), None)
    return None if kilobytes is None else int(kilobytes) * 1024 / 1e6


def measure_large(bench: Bench, size: int) -> None:
    """One request of `size` numbers, the server's memory at its peak, and its restart with them."""
    for kind in (SQLITE, POSTGRESQL):
        with place(kind) as where:
            server = where.start()
            new_campaign(server)
            before_mb = peak_mb(server.process.pid)
            answer = child("load", *map(str, (server.port, 1, 1, size)))
            after_mb = peak_mb(server.process.pid)
            bench.load("one large request", kind, clients=1, numbers=size, **answer)
            if before_mb is not None and after_mb is not None:
                bench.memory(f"one large request: {kind}", size, before_mb=before_mb, peak_mb=after_mb)
            server.stop()
            measure_restart(bench, kind, where, size)


def measure_restart(bench: Bench, kind: str, where: Place, size: int) -> None:
    """Seconds until a server with `size` jobs in its store says that it serves, and until its campaign has answered."""
    began = perf_counter()
    server = where.start()
    ready_s = perf_counter() - began
    connection = connect(server.port)
    ask(connection, "GET", f"/api/calls/campaign/{CAMPAIGN}", None)
    answered_s = perf_counter() - began
    connection.close()
    contenders = [taken(f"{kind}, until ready", ready_s, size), taken(f"{kind}, until asked", answered_s, size)]
    bench.measure("restart", size, contenders, turns=1, warm_up=False)


def taken(name: str, seconds: float, units: int) -> Contender:
    """What has taken so many seconds already."""
    return Contender(name=name, run=lambda: None, units=lambda _: units, seconds=lambda _: seconds)


def run(bench: Bench) -> None:
    """Measures requests of one number and of many, by one client and by several, and one that is large."""
    if bench.peers_only:
        return
    few, many = (200, 5) if bench.quick else (5_000, 30)
    size = 10**3 if bench.quick else 10**4
    measure_load(bench, "one number", clients=1, requests=few, numbers=1)
    measure_load(bench, "one number", clients=CLIENTS, requests=few, numbers=1)
    measure_load(bench, "many numbers", clients=1, requests=many, numbers=size)
    for large in bench.sizes(full=(10**6,), quick=(10**4,)):
        measure_large(bench, large)
