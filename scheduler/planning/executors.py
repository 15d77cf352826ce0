"""Where simulations run: in this process, in processes of their own, in any Executor, or on a Dask cluster.

`workers(where)` opens the place, and `map` and `map_with` do work there. What they give is in the order of what went
in, and each piece of work is a function of its item alone, so it is the same wherever it is done and however many
do it. That holds when a worker dies too: what it had not answered is done again by another one.

What is large and the same for all items is sent about once to each worker (`map_with`): work is sent with its
digest, and a worker that does not know it yet asks for it.
"""

from __future__ import annotations

import os
import pickle
import zlib
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import contextmanager
from functools import partial
from hashlib import blake2b
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from scheduler.jobs import UsageError
from scheduler.policy.errors import shown

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

T = TypeVar("T")
R = TypeVar("R")
PATIENCE_SECONDS = 600.0
CONNECT_SECONDS = 20
RESTARTS = 3  # one after the other, without a single answer between them
AHEAD = 2  # pieces of work for each worker that are sent before they are needed
KEPT = 2  # large things that a worker keeps


class Workers:
    """A place where work is done, by `count` workers at a time; `workers` opens one."""

    count: int = 1

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """What a function makes of each item, in the order of the items.

        The function is found by its name in its module (so that it can be sent to another process), and gives the
        same for the same item, since it is done again where a worker dies. Items are taken a few ahead of what is
        asked for; whoever closes the iterator stops that. An error of the function is raised when its item is next.
        Raises UsageError if the workers die again and again, or none answers in time.
        """
        return self._run(partial(_alone, function), items, b"")

    def map_with(self, function: Callable[[bytes, T], R], shared: bytes, items: Iterable[T]) -> Iterator[R]:
        """As `map`, of a function that also takes `shared`, which is sent about once to each worker."""
        return self._run(function, items, shared)

    def _run(self, function: Callable[[bytes, T], R], items: Iterable[T], shared: bytes) -> Iterator[R]:
        """What `map` and `map_with` do: here, in this process."""
        for item in items:
            yield function(shared, item)


@contextmanager
def workers(where: Any = None, *, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[Workers]:
    """Open a place where work is done, and close it.

    `where` is None (a process for each core that this one may use), a number of processes (1: this one), the address
    of a Dask cluster (`tcp://10.0.0.1:8786`), any Executor, or workers that are open already; the last two are not
    closed. An executor or a cluster that gives no answer for `patience_seconds` is given up. Raises UsageError for
    anything else, for a cluster that cannot be reached, and where the packages for one are not installed.

    >>> with workers(1) as here:
    ...     list(here.map(abs, [-2, 1]))
    [2, 1]
    """
    if isinstance(where, Workers):
        yield where
    elif isinstance(where, Executor):
        yield _Given(where, _size_of(where), patience_seconds)
    elif isinstance(where, str) and "://" in where:
        with _cluster(where, patience_seconds) as cluster:
            yield cluster
    elif where is None or (isinstance(where, int) and not isinstance(where, bool) and where >= 1):
        count = _cores() if where is None else where
        if count == 1:
            yield Workers()
            return
        processes = _Processes(count)
        try:
            yield processes
        except BaseException:
            processes.end()
            raise
        processes.close()
    else:
        raise UsageError(
            f"not a place for work: {shown(where)}; give a number of processes, at least 1, "
            "the address of a Dask cluster, such as tcp://10.0.0.1:8786, or an Executor"
        )


# -- what a worker does ------------------------------------------------------------------------------------------


class _Answer(NamedTuple):
    """What a piece of work came to: a value, an error, or that the worker does not know what is shared."""

    value: Any = None
    error: Exception | None = None
    asks: bool = False


_known: OrderedDict[bytes, bytes] = OrderedDict()
_knowing = Lock()  # an executor's workers may be threads


def _work(function: Callable[[bytes, T], R], digest: bytes, packed: bytes | None, item: T) -> _Answer:
    """Do a piece of work; `packed` is what is shared, where the worker is to keep it."""
    shared = _shared(digest, packed) if digest else b""
    if shared is None:
        return _Answer(asks=True)
    try:
        return _Answer(function(shared, item))
    except Exception as error:  # noqa: BLE001 - it is raised where the answer is read
        return _Answer(error=_portable(error))


def _shared(digest: bytes, packed: bytes | None) -> bytes | None:
    with _knowing:
        if packed is not None and digest not in _known:
            _known[digest] = zlib.decompress(packed)
            while len(_known) > KEPT:
                _known.popitem(last=False)
        if digest in _known:
            _known.move_to_end(digest)
        return _known.get(digest)


def _portable(error: Exception) -> Exception:
    """The error, or its words where it does not survive being sent."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - its own bytes
    except Exception:  # noqa: BLE001 - whatever is wrong with it
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _alone(function: Callable[[T], R], _: bytes, item: T) -> R:
    return function(item)


# -- who sends it ------------------------------------------------------------------------------------------------


class _Sent:
    """A piece of work that was sent: its item, and the answer to come."""

    __slots__ = ("future", "item")

    def __init__(self, item: Any) -> None:
        self.item = item
        self.future: Future[_Answer] = Future()


class _Parcel(NamedTuple):
    """What all pieces of one `map` have in common."""

    function: Callable[[bytes, Any], Any]
    digest: bytes
    packed: bytes


class _Given(Workers):
    """Work in an Executor that somebody else opened."""

    def __init__(self, executor: Executor, count: int, patience_seconds: float | None) -> None:
        self.executor = executor
        self.count = count
        self.patience_seconds = patience_seconds

    def _run(self, function: Callable[[bytes, T], R], items: Iterable[T], shared: bytes) -> Iterator[R]:
        digest = blake2b(shared, digest_size=16).digest() if shared else b""
        parcel = _Parcel(function, digest, zlib.compress(shared, 1) if shared else b"")
        waiting: deque[_Sent] = deque()
        left = iter(items)
        first_packs = self.count if shared else 0
        try:
            while True:
                while len(waiting) < AHEAD * self.count:
                    try:
                        sent = _Sent(next(left))
                    except StopIteration:
                        break
                    waiting.append(sent)
                    self._send(parcel, sent, with_shared=first_packs > 0)
                    first_packs -= 1
                if not waiting:
                    return
                answer = self._answer(parcel, waiting)
                waiting.popleft()
                if answer.error is not None:
                    raise answer.error
                yield answer.value
        finally:
            for sent in waiting:
                sent.future.cancel()

    def _send(self, parcel: _Parcel, sent: _Sent, *, with_shared: bool) -> None:
        packed = parcel.packed if with_shared else None
        try:
            sent.future = self.executor.submit(_work, parcel.function, parcel.digest, packed, sent.item)
        except (BrokenExecutor, RuntimeError) as error:
            # It broke since the last answer. That is found out where the answer is waited for.
            sent.future = Future()
            sent.future.set_exception(error if isinstance(error, BrokenExecutor) else BrokenExecutor(str(error)))

    def _answer(self, parcel: _Parcel, waiting: deque[_Sent]) -> _Answer:
        """The answer of the first piece of work."""
        restarts = 0
        while True:
            sent = waiting[0]
            try:
                self._wait(waiting)
                answer = sent.future.result(0)
            except (BrokenExecutor, CancelledError) as error:
                if restarts == RESTARTS:
                    raise UsageError(self._dead_words()) from None
                restarts += 1
                self._start_again(error)
                for each in waiting:
                    if not _has_answer(each.future):
                        self._send(parcel, each, with_shared=True)
            else:
                if not answer.asks:
                    return answer
                self._send(parcel, sent, with_shared=True)

    def _wait(self, waiting: deque[_Sent]) -> None:
        """Wait for the first answer, and give up when none at all has come for too long."""
        pending = {sent.future for sent in waiting if not sent.future.done()}
        while not waiting[0].future.done():
            done, pending = wait(pending, self.patience_seconds, FIRST_COMPLETED)
            if not done:
                raise UsageError(f"no answer for {self.patience_seconds:g} s from {self._name()}; {self._advice()}")

    def _start_again(self, error: BaseException, /) -> None:
        """Begin anew after a worker has died."""
        message = f"{self._name()} is broken: {error or type(error).__name__}"
        raise UsageError(f"{message}; a number of processes starts new ones for those that die") from None

    def _name(self) -> str:
        return f"the executor {type(self.executor).__name__}"

    def _advice(self) -> str:
        return "is it still running?"

    def _dead_words(self) -> str:
        return f"{self._name()} has lost its workers {RESTARTS + 1} times, without an answer between"


def _has_answer(future: Future[_Answer]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _size_of(executor: Executor) -> int:
    """How many workers an executor has, as far as can be told: it decides only how much is sent ahead."""
    size = getattr(executor, "_max_workers", None)
    return size if isinstance(size, int) and size >= 1 else _cores()


# -- processes ---------------------------------------------------------------------------------------------------


class _Processes(_Given):
    """Work in processes of our own; when one dies, all are started anew, and what has no answer is sent again."""

    def __init__(self, count: int) -> None:
        super().__init__(_pool(count), count, None)

    def close(self) -> None:
        """Let them finish what they do, and leave."""
        self.executor.shutdown(cancel_futures=True)

    def end(self) -> None:
        """Make them leave at once."""
        processes = list((getattr(self.executor, "_processes", None) or {}).values())
        self.executor.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()

    def _start_again(self, _: BaseException, /) -> None:
        self.executor.shutdown(cancel_futures=True)
        self.executor = _pool(self.count)

    def _dead_words(self) -> str:
        return (
            f"processes died {RESTARTS + 1} times, one after the other, without an answer; is there memory for "
            f"{self.count}? A script that starts them does so under `if __name__ == '__main__':`"
        )


def _pool(count: int) -> ProcessPoolExecutor:
    # Spawned, not forked: a thread that draws a progress bar would leave its locks behind in a fork.
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - for those who have more than one process
    from multiprocessing import get_context  # noqa: PLC0415

    return ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_begin)


def _begin() -> None:
    """What a process does first: leave it to its parent to be interrupted, and leave when that is gone."""
    import signal  # noqa: PLC0415
    from multiprocessing import parent_process  # noqa: PLC0415
    from threading import Thread  # noqa: PLC0415

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        Thread(target=_leave_after, args=(parent,), daemon=True).start()


def _leave_after(parent: Any) -> None:
    parent.join()
    os._exit(1)


def _cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# -- a cluster ---------------------------------------------------------------------------------------------------


class _Cluster(_Given):
    """Work on a Dask cluster, through its executor; what a worker had that died goes to another one."""

    def __init__(self, client: Any, address: str, patience_seconds: float) -> None:
        threads = sum(client.nthreads().values())
        # pure=False: equal work is done again, not remembered by the scheduler. retries: of what a dying worker had.
        super().__init__(client.get_executor(pure=False, retries=RESTARTS), max(threads, 1), patience_seconds)
        self.client = client
        self.address = address

    def _start_again(self, error: BaseException, /) -> None:
        raise UsageError(f"{self._name()} was lost: {error or type(error).__name__}") from None

    def _answer(self, parcel: _Parcel, waiting: deque[_Sent]) -> _Answer:
        try:
            return super()._answer(parcel, waiting)
        except (UsageError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001
            # What the work itself raises is in its answer: this is Dask's own.
            advice = "its workers need this version of call-scheduler"
            raise UsageError(f"{self._name()} failed: {type(error).__name__}: {error}; {advice}") from None

    def _name(self) -> str:
        return f"the cluster at {self.address}"

    def _advice(self) -> str:
        there = len(self.client.scheduler_info(n_workers=-1)["workers"])
        return f"it has {there} worker{'' if there == 1 else 's'} now"


@contextmanager
def _cluster(address: str, patience_seconds: float) -> Iterator[_Cluster]:
    try:
        import dask  # noqa: PLC0415 - for those who have a cluster
        import distributed  # noqa: PLC0415
    except ImportError:
        raise UsageError(
            f"{address} is a Dask cluster, whose packages are not installed; pip install 'call-scheduler[cluster]'"
        ) from None
    # A campaign is large once for each worker: no reason for a warning about large graphs.
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "4GiB"}):
        connect: Any = distributed.Client
        try:
            client = connect(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise UsageError(f"cannot reach a cluster at {address}: {error}") from None
        try:
            yield _Cluster(client, address, patience_seconds)
        finally:
            client.close(timeout=CONNECT_SECONDS)
