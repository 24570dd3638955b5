"""The job runner's contract, run over every adapter."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from operator import neg

import pytest

from volenti.adapters.jobs import local
from volenti.adapters.jobs.inline import InlineJobRunner
from volenti.adapters.jobs.local import LocalJobRunner
from volenti.core.errors import StorageError, UsageError
from volenti.core.jobs import JobRunner, Tell

ADAPTERS: dict[str, Callable[[], JobRunner]] = {
    "inline": InlineJobRunner,
    "local processes": lambda: LocalJobRunner(2),
}


@pytest.fixture(params=ADAPTERS)
def jobs(request: pytest.FixtureRequest) -> Iterator[JobRunner]:
    runner = ADAPTERS[request.param]()
    yield runner
    if isinstance(runner, LocalJobRunner):
        runner.close()


def test_every_task_gives_its_result_once(jobs: JobRunner) -> None:
    assert dict(jobs.run(neg, list(range(20)))) == {n: -n for n in range(20)}


def test_no_tasks_give_no_results(jobs: JobRunner) -> None:
    assert list(jobs.run(neg, [])) == []


def test_an_error_in_a_task_is_raised_as_it_was(jobs: JobRunner) -> None:
    with pytest.raises(TypeError):
        list(jobs.run(len, ["ok", 1]))  # type: ignore[list-item]


def test_a_runner_can_be_used_again_after_an_error(jobs: JobRunner) -> None:
    with pytest.raises(TypeError):
        list(jobs.run(len, [1]))  # type: ignore[list-item]
    assert dict(jobs.run(neg, [5])) == {0: -5}


def test_workers_are_counted(jobs: JobRunner) -> None:
    assert jobs.workers >= 1


def test_tasks_may_be_read_only_when_they_are_due(jobs: JobRunner) -> None:
    class Lazy(Sequence[int]):
        def __len__(self) -> int:
            return 3

        def __getitem__(self, index: int) -> int:  # type: ignore[override]
            if index >= 3:
                raise IndexError
            return 10 * index

    assert dict(jobs.run(neg, Lazy())) == {0: 0, 1: -10, 2: -20}


def test_tasks_are_taken_as_they_are_due_two_a_worker(jobs: JobRunner) -> None:
    taken = 0

    def tasks() -> Iterator[int]:
        nonlocal taken
        while taken < 100:
            taken += 1
            yield taken

    for done, _ in enumerate(jobs.run(neg, tasks()), start=1):
        assert taken < done + 2 * jobs.workers
    assert taken == 100


def _counted(task: int, tell: Tell) -> int:
    for number in range(task):
        tell(number)
    if task > 8:
        raise UsageError("too many", "Give fewer.")
    return -task


def test_what_a_task_tells_arrives_in_order_and_before_its_result(jobs: JobRunner) -> None:
    arrived: dict[int, list[int]] = {index: [] for index in range(6)}
    for index, result in jobs.run_telling(
        _counted, range(6), lambda index, told: arrived[index].append(told)
    ):
        assert arrived[index] == list(range(-result))
        arrived[index].append(-1)
    # Nothing of a task is told after its result.
    assert arrived == {index: [*range(index), -1] for index in range(6)}
    # The same workers run what tells nothing.
    assert dict(jobs.run(neg, [5])) == {0: -5}


def test_an_error_after_something_was_told_is_raised_and_so_is_one_of_the_listener(jobs: JobRunner) -> None:
    arrived: list[int] = []
    with pytest.raises(UsageError, match="too many"):
        list(jobs.run_telling(_counted, [9], lambda index, told: arrived.append(told)))
    assert arrived == list(range(9))

    def listener(index: int, told: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(jobs.run_telling(_counted, [3], listener))
    assert dict(jobs.run(neg, [5])) == {0: -5}


def test_an_error_while_tasks_are_made_is_raised(jobs: JobRunner) -> None:
    def tasks() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(jobs.run(neg, tasks()))
    assert dict(jobs.run(neg, [5])) == {0: -5}


def test_local_workers_are_other_processes_with_one_thread() -> None:
    runner = LocalJobRunner(1)
    assert dict(runner.run(os.getenv, ["OMP_NUM_THREADS"])) == {0: "1"}
    first = dict(runner.run(_pid, [0]))[0]
    assert first != os.getpid()
    assert dict(runner.run(_pid, [0]))[0] == first, "a worker stays for the next run"
    runner.close()
    assert dict(runner.run(_pid, [0]))[0] != first, "and not beyond the runner's closing"
    runner.close()


def test_a_worker_that_dies_is_an_error_with_a_remedy() -> None:
    with pytest.raises(StorageError) as caught:
        list(LocalJobRunner(1).run(os._exit, [3]))
    assert "run the same command again" in caught.value.remedy


def test_an_errors_remedy_survives_the_pipe() -> None:
    with pytest.raises(UsageError) as caught:
        list(LocalJobRunner(1).run(_refuse, [0]))
    assert caught.value.remedy == "Do something else."


def test_workers_end_when_the_parent_is_killed() -> None:
    script = (
        "import time\nfrom volenti.adapters.jobs.local import LocalJobRunner\n"
        "runner = LocalJobRunner(1)\nlist(runner.run(abs, [-1]))\n"
        "print(runner._idle[0].pid, flush=True)\ntime.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    for _ in range(100):
        if not _runs(worker):
            return
        time.sleep(0.1)
    raise AssertionError("the worker outlived its parent")


def _runs(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123
            return stat.read().split()[2] != "Z"
    except FileNotFoundError:
        return False


def _pid(_: int) -> int:
    return os.getpid()


def _refuse(_: int) -> None:
    raise UsageError("No.", "Do something else.")


class _Counting:
    """Loads something costly once, as perceivers load networks."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, _: int) -> int:
        self.calls += 1
        return self.calls


def test_a_worker_keeps_the_function_of_a_run_and_takes_the_next_runs_anew() -> None:
    runner = LocalJobRunner(1)
    assert [calls for _, calls in runner.run(_Counting(), range(4))] == [1, 2, 3, 4]
    assert [calls for _, calls in runner.run(_Counting(), range(2))] == [1, 2]
    assert dict(runner.run(neg, [5])) == {0: -5}
    runner.close()


def test_ctrl_c_is_left_to_the_parent() -> None:
    """It reaches every process of a command: while a worker works, and while it still imports."""
    assert dict(LocalJobRunner(1).run(_interrupted, [7])) == {0: 7}
    for pause in (0.0, 0.02, 0.1):
        worker = local._start()
        time.sleep(pause)
        worker.send_signal(signal.SIGINT)
        worker.communicate()  # closes its input, which ends it
        assert worker.returncode == 0


def _interrupted(number: int) -> int:
    os.kill(os.getpid(), signal.SIGINT)
    return number


@pytest.mark.parametrize("before", ["list(runner.run(abs, [-1]))", ""], ids=["working", "starting"])
def test_workers_say_nothing_when_their_parent_is_killed(before: str) -> None:
    script = (
        "import time\nfrom volenti.adapters.jobs.local import LocalJobRunner\n"
        f"runner = LocalJobRunner(1)\n{before}\nprint('begun', flush=True)\n"
        "list(runner.run(time.sleep, [1]))\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "begun\n"
    time.sleep(0.2)
    parent.kill()
    # Standard error ends when the last process that could write there has ended.
    assert parent.communicate(timeout=30) == ("", "")


def test_a_task_that_finds_a_files_end_too_early_does_not_end_its_worker() -> None:
    with pytest.raises(EOFError):
        list(LocalJobRunner(1).run(_end_early, [0]))


def _end_early(_: int) -> None:
    raise EOFError
