"""The same results in the same order wherever work is done, also when a worker is killed half-way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count, islice
from multiprocessing import get_context
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from scheduler.jobs import UsageError
from scheduler.planning import Plan, compare, replicate, sweep, workers
from tests import working
from tests.plans import lucky

PATIENCE_S = 60.0
RUNS = 12


@pytest.fixture(name="plan", scope="module")
def _plan() -> Plan:
    return lucky(30)


@pytest.fixture(name="expected", scope="module")
def _expected(plan: Plan) -> Any:
    """What one process makes of a plan."""
    return replicate(plan, replications=RUNS, executor=1)


# -- in this process, in threads ----------------------------------------------------------------------------------


@pytest.mark.parametrize("where", [1, "threads"])
def test_results_come_in_the_order_of_the_items(where: Any) -> None:
    """Whoever does them."""
    with ThreadPoolExecutor(3) as threads, workers(threads if where == "threads" else where) as pool:
        assert list(pool.map(working.square, range(50))) == [number**2 for number in range(50)]
        assert list(pool.map_with(working.with_size, b"12345", range(9))) == [(5, n * n) for n in range(9)]
        assert list(pool.map(working.square, [])) == []


@pytest.mark.parametrize("where", [1, "threads"])
def test_items_are_taken_only_a_few_ahead(where: Any) -> None:
    """An endless iterator of items is no harm: who stops asking stops the work."""
    with ThreadPoolExecutor(2) as threads, workers(threads if where == "threads" else where) as pool:
        numbers = count()
        answers = pool.map(working.square, numbers)
        assert list(islice(answers, 5)) == [0, 1, 4, 9, 16]
        answers.close()  # type: ignore[attr-defined]
        assert next(numbers) < 12


@pytest.mark.parametrize("where", [1, "threads"])
def test_an_error_is_raised_when_its_item_is_next(where: Any) -> None:
    """What comes before it is there all the same."""
    with ThreadPoolExecutor(2) as threads, workers(threads if where == "threads" else where) as pool:
        answers = pool.map(working.refuse, range(9))
        assert list(islice(answers, 3)) == [0, 1, 2]
        with pytest.raises(ValueError, match="three is refused"):
            next(answers)


def test_an_error_that_cannot_be_sent_comes_as_its_words() -> None:
    """It must not break the process that sends it, nor the one that reads it."""
    with (
        ThreadPoolExecutor(1) as threads,
        workers(threads) as pool,
        pytest.raises(RuntimeError, match="Unsendable: odd1"),
    ):
        list(pool.map(working.fail_oddly, [1]))


class Forgetful(Executor):
    """An executor each of whose pieces of work is done by a worker that knows nothing yet."""

    def __init__(self) -> None:
        self.packs: list[int] = []

    def submit(self, function: Any, /, *arguments: Any, **_: Any) -> Future[Any]:
        """Do it at once."""
        from scheduler.planning import executors

        executors._known.clear()
        self.packs.append(0 if arguments[2] is None else 1)
        future: Future[Any] = Future()
        future.set_result(function(*arguments))
        return future


def test_a_worker_that_does_not_know_what_is_shared_is_sent_it() -> None:
    """Once for each worker where that is known, and again for one that has forgotten."""
    forgetful = Forgetful()
    with workers(forgetful) as pool:
        assert list(pool.map_with(working.with_size, b"123", range(6))) == [(3, n * n) for n in range(6)]
    assert 6 <= sum(forgetful.packs) <= len(forgetful.packs)


def test_an_executor_that_gives_no_answer_is_given_up() -> None:
    """Always a time-out: with no worker left, answers never come."""
    stuck = Event()
    with ThreadPoolExecutor(1) as threads:
        threads.submit(stuck.wait, PATIENCE_S)
        try:
            with (
                workers(threads, patience_seconds=0.05) as pool,
                pytest.raises(UsageError, match=r"no answer for 0\.05 s from the executor ThreadPoolExecutor"),
            ):
                list(pool.map(working.square, [1]))
        finally:
            stuck.set()


@pytest.mark.parametrize(
    "where", [0, -1, True, 2.5, "many", object()], ids=lambda where: type(where).__name__ + str(where)[:5]
)
def test_a_place_that_is_none_is_refused(where: Any) -> None:
    """Bad input gets one message that says what to write instead."""
    with pytest.raises(UsageError, match="not a place for work"), workers(where):
        pass


def test_a_cluster_without_its_packages_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """An absent extra says what to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'call-scheduler\[cluster\]'"), workers("tcp://127.0.0.1:1"):
        pass


# -- processes ----------------------------------------------------------------------------------------------------


def test_processes_give_what_one_gives_also_when_one_of_them_is_killed(
    tmp_path: Path, plan: Plan, expected: Any
) -> None:
    """To the last digit; a process that kills itself once is replaced, and what it had is done again."""
    with workers(2) as pool:
        assert replicate(plan, replications=RUNS, executor=pool) == expected
        items = [(str(tmp_path / "died") if number == 4 else "", number) for number in range(12)]
        assert list(pool.map(working.die_once, items)) == list(range(12))
        assert (tmp_path / "died").exists()
        assert replicate(plan, replications=RUNS, executor=pool) == expected
        with pytest.raises(ValueError, match="three is refused"):
            list(pool.map(working.refuse, range(9)))


def test_processes_that_die_again_and_again_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """What kills every process that tries it is told, with what may help."""
    monkeypatch.setattr("scheduler.planning.executors.RESTARTS", 1)
    with pytest.raises(UsageError, match="processes died 2 times"), workers(2) as pool:
        list(pool.map(working.die, [1]))


def test_an_executor_of_somebody_else_that_breaks_is_told(plan: Plan, expected: Any) -> None:
    """A pool of the caller's works, and is not ours to replace."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        assert replicate(plan, replications=RUNS, executor=processes) == expected
        with pytest.raises(UsageError, match="ProcessPoolExecutor is broken"), workers(processes) as pool:
            list(pool.map(working.die, [1]))
        with pytest.raises(UsageError, match="ProcessPoolExecutor is broken"), workers(processes) as pool:
            list(pool.map(working.square, [1]))


def test_processes_leave_when_the_work_is_interrupted(tmp_path: Path) -> None:
    """An error outside does not wait for what they do."""
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), workers(2) as pool:
        next(pool.map(working.square, [1]))
        answers = pool.map(working.hang, range(4))
        assert answers
        raise KeyboardInterrupt
    assert time.monotonic() - began < 15


# -- a cluster ----------------------------------------------------------------------------------------------------


@contextmanager
def daemon(tmp_path: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of Dask."""
    environment = {**os.environ, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "10s", "PYTHONWARNINGS": "ignore"}
    with (tmp_path / f"{arguments[0]}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]],
            stdout=log,
            stderr=log,
            env=environment,
            cwd=Path(__file__).parents[1],
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE_S)


@pytest.fixture(name="cluster", scope="module")
def _cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers, in processes of their own."""
    folder = tmp_path_factory.mktemp("dask")
    known = folder / "scheduler.json"
    worker = ["worker", "--scheduler-file", str(known), "--nthreads", "1", "--no-dashboard", "--no-nanny"]
    worker += ["--host", "127.0.0.1", "--local-directory", str(folder), "--death-timeout", "60"]
    scheduler = ("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(known))
    with daemon(folder, *scheduler), daemon(folder, *worker) as first, daemon(folder, *worker) as second:
        deadline = time.monotonic() + PATIENCE_S
        while not known.exists() or not known.read_text("ascii").strip():
            assert time.monotonic() < deadline, (folder / "scheduler.log").read_text("utf-8")
            time.sleep(0.02)
        import json

        yield json.loads(known.read_text("ascii"))["address"], [first, second]


def test_a_cluster_gives_what_one_process_gives_also_when_a_worker_is_killed_half_way(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], plan: Plan, expected: Any, tmp_path: Path
) -> None:
    """To the last digit, on a real scheduler and two workers, one of which is gone by SIGKILL in the middle of it."""
    address, processes = cluster
    with workers(address, patience_seconds=PATIENCE_S) as pool:
        deadline = time.monotonic() + PATIENCE_S
        while len(pool.client.scheduler_info()["workers"]) < 2:  # type: ignore[attr-defined]
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert replicate(plan, replications=RUNS, executor=pool) == expected
        with pytest.raises(ValueError, match="three is refused"):
            list(pool.map(working.refuse, range(9)))
        items = [(str(tmp_path / "began"), number) for number in range(24)]
        answers = pool.map(working.slowly, items)
        assert next(answers) == 0
        processes[0].send_signal(signal.SIGKILL)
        assert list(answers) == list(range(1, 24))
        done_by = {line.split()[0] for line in (tmp_path / "began").read_text("ascii").splitlines()}
        assert done_by == {str(process.pid) for process in processes}
        assert replicate(plan, replications=RUNS, executor=pool) == expected


def test_a_cluster_without_workers_is_given_up(cluster: tuple[str, list[subprocess.Popen[bytes]]]) -> None:
    """With no worker left answers never come: there is always a time-out, and it says how many workers there are."""
    address, processes = cluster
    for process in processes:
        process.kill()
        process.wait(PATIENCE_S)
    with (
        workers(address, patience_seconds=0.5) as pool,
        pytest.raises(UsageError, match=r"no answer for 0\.5 s from the cluster at tcp://.* workers? now"),
    ):
        list(pool.map(working.square, [1]))


def test_a_cluster_that_is_not_there_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens at port 1."""
    monkeypatch.setattr("scheduler.planning.executors.CONNECT_SECONDS", 1)
    with pytest.raises(UsageError, match="cannot reach a cluster at tcp://127"), workers("tcp://127.0.0.1:1"):
        pass


# -- nothing depends on the place ---------------------------------------------------------------------------------


def test_sweeps_and_comparisons_are_the_same_in_threads_as_alone(plan: Plan) -> None:
    """Stopping at a precision depends on the results in order of seed only, whatever was run ahead."""
    other = plan.with_field("lines", 4)
    with ThreadPoolExecutor(3) as threads:
        for run in (
            lambda executor: compare(plan, other, replications=6, executor=executor),
            lambda executor: sweep(plan, {"lines": [2, 3]}, replications=5, executor=executor),
            lambda executor: replicate(plan, precision=0.2, figure="dials", replications=40, executor=executor),
        ):
            assert run(1) == run(threads)
