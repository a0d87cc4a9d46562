"""Processes that tests kill: a process without threads loads the pipeline once, and each try is a fork of that one.

A fork of the process that runs the tests has the locks which that one's threads held at the moment, and no thread that would
open them again: it may wait for ever. And none is waited for longer than MINUTES: a test that hangs must fail, and say so.
"""

import multiprocessing
import multiprocessing.forkserver
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from unittest.mock import patch

import pytest

MINUTES = 5
_context = multiprocessing.get_context("forkserver")


def begin(run: Callable[..., object], *given: object) -> BaseProcess:
    """Begin a function of a module in a process of its own."""
    process = _context.Process(target=run, args=given, daemon=True)
    # Read when the first process begins: a pool of threads does not outlive a fork, so the common ancestor has none.
    alone = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parent)}
    with patch.dict(os.environ, alone):
        _context.set_forkserver_preload(["processes_ready"])
        process.start()
    return process


def end_of(process: BaseProcess) -> int:
    """How a process ended, once it has: its exit code, or the negative number of the signal that killed it."""
    process.join(60 * MINUTES)
    if process.exitcode is None:
        process.kill()
        pytest.fail(f"a process of this test was still at work after {MINUTES} minutes")
    return process.exitcode


def run(what: Callable[..., object], *given: object) -> int:
    """Run a function of a module in a process of its own, and say how it ended."""
    return end_of(begin(what, *given))


def kill_after(seconds: float, process: BaseProcess) -> bool:
    """Kill a process after a while; whether it was still running then."""
    process.join(seconds)
    if process.exitcode is not None:
        assert process.exitcode == 0
        return False
    process.kill()
    return end_of(process) == -signal.SIGKILL


def command(argv: list[str], errors: Path | None = None) -> None:
    """The `feedback` command as the process itself, silent but for what it refuses, in `errors`."""
    from feedback.cli import main

    assert "processes_ready" in sys.modules  # what cannot be imported there is passed over in silence
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123  # for as long as the process lives
    sys.stderr = open(errors or os.devnull, "a", encoding="utf-8", buffering=1)  # noqa: SIM115, PTH123
    main(argv)
