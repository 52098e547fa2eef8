"""Start processes, start them again when they die, and leave none behind.

Three nets, because each has a hole: a normal end stops every group in order; a killed supervisor's direct children get
their stop signal from the kernel (PDEATHSIG, Linux), which says nothing to grandchildren; and the keeper, a process of
its own, ends whole groups when the supervisor is gone.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from launcher import keeper
from launcher.places import CHECKOUT, Refusal, say

LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
PR_SET_PDEATHSIG = 1
LONG_ENOUGH = 60.0
"""Seconds after which a process counts as having run well."""
TOO_OFTEN = 4
"""Deaths in a row, each before LONG_ENOUGH, after which a person is told."""
LOG_LIMIT = 5 * 1024 * 1024


@dataclass(frozen=True)
class Program:
    """What to run. `account` (uid, gid) is taken on by the process when the supervisor is root."""

    name: str
    title: str
    command: tuple
    environment: dict = field(default_factory=dict)
    stop_signal: int = signal.SIGTERM
    folder: Path = CHECKOUT
    account: tuple[int, int] | None = None


@dataclass
class Running:
    """One program's life: its process and how often it died young."""

    program: Program
    process: subprocess.Popen
    since: float
    deaths: int = 0
    again_at: float | None = None


class Supervisor:
    """Owns every process the launcher starts. Single-threaded: PDEATHSIG is tied to the thread that forks."""

    def __init__(self, logs: Path, *, lock: int | None = None, remove: tuple = ()):
        """`logs` is the folder of one log per program; `lock` a descriptor the keeper holds too; `remove` folders that
        go when the supervisor is killed."""
        self.logs = logs
        self.lock = lock
        self.remove = [str(folder) for folder in remove]
        self.running: dict[str, Running] = {}
        self.keeper = None
        logs.mkdir(parents=True, exist_ok=True)
        self._start_keeper()
        for wish in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(wish, _interrupt)

    # --- Starting ----------------------------------------------------------------------------------------------------
    def start(self, program: Program) -> None:
        """Start a program that is to run for good."""
        self.running[program.name] = Running(program, self._spawn(program), time.monotonic())

    def finish(self, *programs: Program) -> None:
        """Run programs that end by themselves, side by side. Refusal with the end of the log if one fails."""
        begun = {}
        try:
            for program in programs:
                begun[program.name] = self._spawn(program)
            codes = {name: process.wait() for name, process in begun.items()}
        finally:
            keeper.end(
                {process.pid: signal.SIGTERM for process in begun.values() if process.returncode is None},
                reap=lambda: [process.poll() for process in begun.values()],
            )
            for process in begun.values():
                self._tell_keeper("-", process.pid)
        for program in programs:
            if codes[program.name]:
                raise Refusal(f"{program.title}失败。日志：{self.log_of(program)}\n{self.last_words(program)}")

    def foreground(self, program: Program) -> int:
        """Run a program at the terminal, in the supervisor's own process group so that it may read the keyboard, and
        return its exit code. Ctrl-C is left to it."""
        before = signal.signal(signal.SIGINT, lambda *_: None)
        process = subprocess.Popen(
            program.command,
            cwd=program.folder,
            env={**os.environ, **program.environment},
            preexec_fn=bound(signal.SIGTERM),
        )
        try:
            return process.wait()
        finally:
            process.terminate()
            process.wait()
            signal.signal(signal.SIGINT, before)

    def log_of(self, program: Program) -> Path:
        return self.logs / f"{program.name}.log"

    def last_words(self, program: Program, lines: int = 15) -> str:
        """The end of a program's log, for a message."""
        text = self.log_of(program).read_text(encoding="utf-8", errors="replace")
        return "\n".join("    " + line for line in text.splitlines()[-lines:])

    def _spawn(self, program: Program) -> subprocess.Popen:
        log = self.log_of(program)
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))
        user, group = program.account or (None, None)
        with open(log, "ab") as out:
            process = subprocess.Popen(
                program.command,
                cwd=program.folder,
                env={**os.environ, **program.environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                process_group=0,
                user=user,
                group=group,
                extra_groups=[] if program.account else None,
                preexec_fn=bound(program.stop_signal),  # runs after the change of user, which would clear it
            )
        self._tell_keeper("+", process.pid, program.stop_signal)
        return process

    # --- Watching ----------------------------------------------------------------------------------------------------
    def wait_for(self, name: str, ready: Callable[[], bool], *, seconds: float) -> None:
        """Wait until `ready()` while the program `name` lives. Refusal, with its last words, if it dies or is slow."""
        program = self.running[name].program
        until = time.monotonic() + seconds
        while not ready():
            if self.running[name].process.poll() is not None or time.monotonic() > until:
                raise Refusal(f"{program.title}没有启动。日志：{self.log_of(program)}\n{self.last_words(program)}")
            time.sleep(0.05)

    def watch(self) -> None:
        """Start again what died, a little later each time, and say so. Called again and again; never waits."""
        if self.keeper.poll() is not None:
            self._start_keeper()
        for run in self.running.values():
            now = time.monotonic()
            if run.again_at is None and run.process.poll() is not None:
                self._bury(run, now)
            elif run.again_at is not None and now >= run.again_at:
                run.process, run.since, run.again_at = self._spawn(run.program), now, None

    def _bury(self, run: Running, now: float) -> None:
        keeper.end({run.process.pid: signal.SIGKILL})  # what is left of its group
        self._tell_keeper("-", run.process.pid)
        run.deaths = 1 if now - run.since > LONG_ENOUGH else run.deaths + 1
        pause = min(30.0, 0.5 * 2 ** (run.deaths - 1))
        run.again_at = now + pause
        say(f"{run.program.title}意外退出（代码 {run.process.returncode}），{pause:.1f} 秒后重新启动。")
        if run.deaths >= TOO_OFTEN:
            say(f"{run.program.title}已连续退出 {run.deaths} 次，请查看日志：{self.log_of(run.program)}")

    # --- Ending ------------------------------------------------------------------------------------------------------
    def stop(self, *names: str) -> None:
        """End the named programs together, or everything that is left when none is named."""
        chosen = [self.running.pop(name) for name in names or list(self.running) if name in self.running]
        keeper.end(
            {run.process.pid: run.program.stop_signal for run in chosen if run.again_at is None},
            reap=lambda: [run.process.poll() for run in chosen],
        )
        for run in chosen:
            run.process.wait()
            self._tell_keeper("-", run.process.pid)

    def close(self) -> None:
        """After everything was stopped: let the keeper end what an interruption left half started, and wait for it."""
        self.ignore_signals()
        self.stop()
        self.keeper.stdin.close()
        self.keeper.wait()

    @staticmethod
    def ignore_signals() -> None:
        """From now on only SIGKILL interrupts: the end must not end half-way."""
        for wish in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(wish, signal.SIG_IGN)

    # --- The keeper --------------------------------------------------------------------------------------------------
    def _start_keeper(self) -> None:
        self.keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", keeper.__file__, *self.remove],
            stdin=subprocess.PIPE,
            start_new_session=True,
            pass_fds=() if self.lock is None else (self.lock,),
            bufsize=0,
            cwd="/",
        )
        for run in self.running.values():
            self._tell_keeper("+", run.process.pid, run.program.stop_signal)

    def _tell_keeper(self, mark: str, *numbers: int) -> None:
        # A broken pipe: it was killed. `watch` starts another, which is told of everything.
        with contextlib.suppress(BrokenPipeError):
            self.keeper.stdin.write(" ".join([mark, *(str(int(number)) for number in numbers), "\n"]).encode())


def _interrupt(number: int, frame) -> None:
    raise KeyboardInterrupt


def bound(stop_signal: int) -> Callable[[], None]:
    """For `preexec_fn`: the new child asks the kernel for `stop_signal` when its parent, this process, dies."""
    parent = os.getpid()

    def before_exec() -> None:
        if LIBC:
            LIBC.prctl(PR_SET_PDEATHSIG, int(stop_signal))
            if os.getppid() != parent:  # it died in between
                os._exit(1)

    return before_exec
