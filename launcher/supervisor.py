"""Start processes, restart them when they exit, and leave none behind.

Three mechanisms end the processes, because each alone has a gap. A normal end stops every process group in order. When
the supervisor is killed, the kernel sends its direct children their stop signal (PDEATHSIG, Linux only), but not the
grandchildren. The reaper, a process of its own, then stops whole groups.
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
from types import FrameType
from typing import IO

from launcher import reaper
from launcher.console import LauncherError, say
from launcher.paths import CHECKOUT

LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
PR_SET_PDEATHSIG = 1
STABLE_AFTER = 60.0
"""Seconds of running after which an exit no longer counts as one of a series."""
WARN_AFTER_FAILURES = 4
"""Number of exits in a series, each within STABLE_AFTER, from which the log is named to the user."""
LOG_LIMIT = 5 * 1024 * 1024
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class ProcessSpec:
    """A command to run. `title` appears in messages. `account` (uid, gid) is used only by a supervisor run as root."""

    name: str
    title: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    stop_signal: int = signal.SIGTERM
    folder: Path = CHECKOUT
    account: tuple[int, int] | None = None


@dataclass
class ManagedProcess:
    """A running specification, its exits in a series, and the time of its next start when it has exited."""

    spec: ProcessSpec
    process: subprocess.Popen[bytes]
    started_at: float
    failures: int = 0
    restart_at: float | None = None


class Supervisor:
    """Owns every process the launcher starts. Single-threaded: PDEATHSIG depends on the thread that forks."""

    def __init__(self, logs: Path, *, lock: int | None = None, remove: tuple[Path, ...] = ()):
        """`logs`: folder with one log per process. `lock`: file descriptor that the reaper inherits. `remove`: folders
        that the reaper removes when the supervisor is killed."""
        self.logs = logs
        self.lock = lock
        self.remove = [str(folder) for folder in remove]
        self.running: dict[str, ManagedProcess] = {}
        logs.mkdir(parents=True, exist_ok=True)
        self.reaper = self._start_reaper()
        for number in STOP_SIGNALS:
            signal.signal(number, _interrupt)

    # --- Starting ----------------------------------------------------------------------------------------------------
    def start(self, spec: ProcessSpec) -> None:
        """Start a process that runs until it is stopped."""
        self.running[spec.name] = ManagedProcess(spec, self._spawn(spec), time.monotonic())

    def run_to_end(self, *specs: ProcessSpec) -> None:
        """Run commands in parallel until each exits. LauncherError with the end of the log if one fails."""
        processes = {}
        try:
            for spec in specs:
                processes[spec.name] = self._spawn(spec)
            codes = {name: process.wait() for name, process in processes.items()}
        finally:
            reaper.stop_groups(
                {process.pid: signal.SIGTERM for process in processes.values() if process.returncode is None},
                reap=lambda: [process.poll() for process in processes.values()],
            )
            for process in processes.values():
                self._tell_reaper("-", process.pid)
        for spec in specs:
            if codes[spec.name]:
                raise LauncherError(f"{spec.title}失败。日志：{self.log_of(spec)}\n{self.log_tail(spec)}")

    def wait_until_it_ends(self, name: str) -> int:
        """Wait until a started process ends by itself. Returns its exit code."""
        code = self.running[name].process.wait()
        self.stop(name)  # what is left of its group
        return code

    def run_in_foreground(self, spec: ProcessSpec) -> int:
        """Run a command at the terminal and return its exit code.

        It stays in the supervisor's process group, so that it can read the keyboard; Ctrl-C is left to it.
        """
        previous_handler = signal.signal(signal.SIGINT, lambda *_: None)
        process = subprocess.Popen(
            spec.command,
            cwd=spec.folder,
            env={**os.environ, **spec.environment},
            preexec_fn=stop_with_parent(signal.SIGTERM),
        )
        try:
            return process.wait()
        finally:
            process.terminate()
            process.wait()
            signal.signal(signal.SIGINT, previous_handler)

    def log_of(self, spec: ProcessSpec) -> Path:
        return self.logs / f"{spec.name}.log"

    def log_tail(self, spec: ProcessSpec, lines: int = 15) -> str:
        """The last lines of a process's log, indented for a message."""
        text = self.log_of(spec).read_text(encoding="utf-8", errors="replace")
        return "\n".join("    " + line for line in text.splitlines()[-lines:])

    def _spawn(self, spec: ProcessSpec) -> subprocess.Popen[bytes]:
        log = self.log_of(spec)
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))
        user, group = spec.account or (None, None)
        with open(log, "ab") as output:
            process = subprocess.Popen(
                spec.command,
                cwd=spec.folder,
                env={**os.environ, **spec.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
                user=user,
                group=group,
                extra_groups=[] if spec.account else None,
                preexec_fn=stop_with_parent(spec.stop_signal),  # runs after the change of user, which would reset it
            )
        self._tell_reaper("+", process.pid, spec.stop_signal)
        return process

    # --- Watching ----------------------------------------------------------------------------------------------------
    def wait_for(self, name: str, ready: Callable[[], bool], *, seconds: float) -> None:
        """Wait until `ready()`. LauncherError with the end of the log if the process exits or the time is over."""
        spec = self.running[name].spec
        deadline = time.monotonic() + seconds
        while not ready():
            if self.running[name].process.poll() is not None or time.monotonic() > deadline:
                raise LauncherError(f"{spec.title}没有启动。日志：{self.log_of(spec)}\n{self.log_tail(spec)}")
            time.sleep(0.05)

    def watch(self) -> None:
        """Schedule and carry out the restarts of exited processes. Call it repeatedly; it does not block."""
        if self.reaper.poll() is not None:
            self.reaper = self._start_reaper()
            for managed in self.running.values():
                self._tell_reaper("+", managed.process.pid, managed.spec.stop_signal)
        for managed in self.running.values():
            now = time.monotonic()
            if managed.restart_at is None and managed.process.poll() is not None:
                self._schedule_restart(managed, now)
            elif managed.restart_at is not None and now >= managed.restart_at:
                managed.process = self._spawn(managed.spec)
                managed.started_at, managed.restart_at = now, None

    def _schedule_restart(self, managed: ManagedProcess, now: float) -> None:
        """Set the time of the next start; the delay doubles with each exit of a series, up to 30 seconds."""
        reaper.stop_groups({managed.process.pid: signal.SIGKILL})  # the rest of its group
        self._tell_reaper("-", managed.process.pid)
        managed.failures = 1 if now - managed.started_at > STABLE_AFTER else managed.failures + 1
        delay = min(30.0, 0.5 * 2 ** (managed.failures - 1))
        managed.restart_at = now + delay
        title = managed.spec.title
        say(f"{title}意外退出（代码 {managed.process.returncode}），{delay:.1f} 秒后重新启动。")
        if managed.failures >= WARN_AFTER_FAILURES:
            say(f"{title}已连续退出 {managed.failures} 次，请查看日志：{self.log_of(managed.spec)}")

    # --- Stopping ----------------------------------------------------------------------------------------------------
    def stop(self, *names: str) -> None:
        """Stop the named processes in parallel; without names, all of them."""
        stopping = [self.running.pop(name) for name in names or list(self.running) if name in self.running]
        reaper.stop_groups(
            {managed.process.pid: managed.spec.stop_signal for managed in stopping if managed.restart_at is None},
            reap=lambda: [managed.process.poll() for managed in stopping],
        )
        for managed in stopping:
            managed.process.wait()
            self._tell_reaper("-", managed.process.pid)

    def restart(self, *names: str) -> None:
        """Stop the named processes and start them again."""
        specs = [self.running[name].spec for name in names]
        self.stop(*names)
        for spec in specs:
            self.start(spec)

    def close(self) -> None:
        """Stop everything, let the reaper stop what an interrupted start left, and wait for the reaper."""
        self.ignore_signals()
        self.stop()
        self._reaper_input().close()
        self.reaper.wait()

    @staticmethod
    def ignore_signals() -> None:
        """Ignore every stop signal except SIGKILL, so that stopping is not interrupted."""
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    # --- The reaper --------------------------------------------------------------------------------------------------
    def _start_reaper(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", reaper.__file__, str(reaper.GRACE), *self.remove],
            stdin=subprocess.PIPE,
            start_new_session=True,
            pass_fds=() if self.lock is None else (self.lock,),
            bufsize=0,
            cwd="/",
        )

    def _reaper_input(self) -> IO[bytes]:
        assert self.reaper.stdin is not None
        return self.reaper.stdin

    def _tell_reaper(self, action: str, *numbers: int) -> None:
        # The pipe is broken when the reaper was killed. `watch` starts another, which gets the whole list.
        with contextlib.suppress(BrokenPipeError):
            self._reaper_input().write(" ".join([action, *(str(int(number)) for number in numbers), "\n"]).encode())


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def stop_with_parent(stop_signal: int) -> Callable[[], None]:
    """A `preexec_fn`: the new child asks the kernel for `stop_signal` when its parent, this process, ends."""
    parent = os.getpid()

    def before_exec() -> None:
        if LIBC:
            LIBC.prctl(PR_SET_PDEATHSIG, int(stop_signal))
            if os.getppid() != parent:  # the parent ended before the request
                os._exit(1)

    return before_exec
