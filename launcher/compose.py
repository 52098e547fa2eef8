"""docker-compose.yml as commands of podman, for the drill of the containers.

It understands the keys that the file uses and refuses every other one, so that nothing in the file is left untried in
silence. Health checks run when `Stack.wait_healthy` asks: without systemd nobody else starts them.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from launcher.console import LauncherError

COMMAND_SECONDS = 3600.0
"""After which a command of the drill hangs; loading the demo city on a busy machine took a quarter of an hour."""
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
ARGUMENTS: dict[str, str] = {
    "mem_limit": "--memory",
    "cpus": "--cpus",
    "pids_limit": "--pids-limit",
    "shm_size": "--shm-size",
}
LISTS = {"tmpfs": "--tmpfs", "cap_drop": "--cap-drop", "security_opt": "--security-opt"}
ELSEWHERE = {
    "build", "image", "command", "environment", "env_file", "volumes", "networks", "ports", "read_only", "logging",
    "depends_on", "healthcheck", "restart", "stop_grace_period",
}  # fmt: skip


READ_ONLY = ("--read-only", "--read-only-tmpfs=false", "--tmpfs", "/dev/shm:rw,mode=1777,size=64m")  # noqa: S108
"""As Docker does: podman by itself would make /tmp writable, or with `false` not even /dev/shm."""


@dataclass(frozen=True)
class Stack:
    """The services of a file under a project name. `podman`: the command and its general options."""

    podman: tuple[str, ...]
    project: str
    folder: Path
    document: dict[str, Any]
    variables: dict[str, str]
    images: dict[str, str]
    """Image in the file → image that stands in for it."""
    ports: dict[str, str]
    """Published port in the file → the one of this run."""

    # --- Whole stack -------------------------------------------------------------------------------------------------
    def create(self) -> None:
        """Make networks and volumes."""
        self.create_networks()
        for name in self.document["volumes"]:
            self.run("volume", "create", f"{self.project}_{name}")

    def create_networks(self) -> None:
        for name, options in self.document["networks"].items():
            refuse_unknown(name, options or {}, {"internal"})
            internal = ["--internal"] if (options or {}).get("internal") else []
            self.run("network", "create", *internal, f"{self.project}_{name}")

    def up(self, *names: str, seconds: float = 300.0) -> None:
        """Start services in the order of `depends_on` and wait for what each demands of the others."""
        for name in names or tuple(self.services):
            self._start(name, seconds)

    def down(self, *, volumes: bool) -> None:
        """Stop every container in the reverse order, each within its time, and remove it."""
        for name in reversed(self.start_order()):
            self.run("rm", "--force", "--ignore", "--time", str(self.grace(name)), self.container(name))
        for name in self.document["networks"]:
            self.run("network", "rm", "--force", f"{self.project}_{name}")
        for name in self.document["volumes"] if volumes else ():
            self.run("volume", "rm", "--force", f"{self.project}_{name}")

    @property
    def services(self) -> dict[str, dict[str, Any]]:
        services: dict[str, dict[str, Any]] = self.document["services"]
        return services

    def start_order(self) -> list[str]:
        ordered: list[str] = []

        def visit(name: str) -> None:
            for needed in self.services[name].get("depends_on", {}):
                visit(needed)
            if name not in ordered:
                ordered.append(name)

        for name in self.services:
            visit(name)
        return ordered

    # --- One service -------------------------------------------------------------------------------------------------
    def container(self, name: str) -> str:
        return f"{self.project}-{name}"

    def execute(self, name: str, *command: str) -> str:
        return self.run("exec", self.container(name), *command)

    def logs(self, name: str, lines: int = 25) -> str:
        result = subprocess.run(
            [*self.podman, "logs", "--tail", str(lines), self.container(name)],
            capture_output=True,
            text=True,
            check=False,
        )
        return result.stdout + result.stderr

    def state(self, name: str) -> dict[str, Any]:
        state: dict[str, Any] = json.loads(self.run("inspect", "--format", "{{json .State}}", self.container(name)))
        return state

    def is_healthy(self, name: str) -> bool:
        command = [*self.podman, "healthcheck", "run", self.container(name)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def stop(self, *names: str) -> None:
        for name in names:
            self.run("stop", "--time", str(self.grace(name)), self.container(name))

    def wait_healthy(self, name: str, seconds: float) -> None:
        self._wait(name, "不健康", lambda: self.is_healthy(name), seconds)

    def _start(self, name: str, seconds: float) -> None:
        for needed, how in self.services[name].get("depends_on", {}).items():
            if not self._exists(needed):
                self._start(needed, seconds)
            if how["condition"] == "service_healthy":
                self.wait_healthy(needed, seconds)
            else:
                self._wait(needed, "没有做完", lambda each=needed: self._has_ended(each), seconds)  # type: ignore[misc]
        if not self._exists(name):
            self.run("run", "--detach", "--name", self.container(name), *self.options(name), *self.command(name))

    def _exists(self, name: str) -> bool:
        command = [*self.podman, "container", "exists", self.container(name)]
        return subprocess.run(command, check=False).returncode == 0

    def _has_ended(self, name: str) -> bool:
        state = self.state(name)
        if state["Status"] == "exited" and state["ExitCode"]:
            raise LauncherError(f"容器 {name} 失败（{state['ExitCode']}）：\n{self.logs(name)}")
        return bool(state["Status"] == "exited")

    def _wait(self, name: str, what: str, ready: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > deadline:
                raise LauncherError(f"容器 {name} {what}：\n{self.logs(name)}")
            time.sleep(0.5)

    def grace(self, name: str) -> int:
        return int(str(self.services[name].get("stop_grace_period", "10s")).removesuffix("s"))

    # --- Translation -------------------------------------------------------------------------------------------------
    def options(self, name: str) -> list[str]:
        """The options of `podman run` for a service."""
        service = self.services[name]
        refuse_unknown(name, service, ELSEWHERE | set(ARGUMENTS) | set(LISTS))
        options = ["--restart", service["restart"]]
        options += [word for key, option in ARGUMENTS.items() if key in service for word in (option, str(service[key]))]
        options += [f"{option}={value}" for key, option in LISTS.items() for value in service.get(key, [])]
        options += [*READ_ONLY] if service.get("read_only") else []
        if "env_file" in service:
            options += ["--env-file", str(self.folder / service["env_file"])]
        for key, value in service.get("environment", {}).items():
            options += ["--env", f"{key}={self.fill(str(value))}"]
        for network in service["networks"]:
            options += ["--network", f"{self.project}_{network}"]
        options += ["--network-alias", name]
        for port in service.get("ports", []):
            options += ["--publish", self.ports[port]]
        for volume in service.get("volumes", []):
            options += ["--volume", self._volume(volume)]
        options += self._logging(name, service.get("logging", {}))
        return options + self._healthcheck(name, service.get("healthcheck", {}))

    def command(self, name: str) -> list[str]:
        service = self.services[name]
        image = self.images.get(service["image"], service["image"])
        return [image, *shlex.split(self.fill(service.get("command", "")))]

    def fill(self, text: str) -> str:
        """Replace ${NAME}, ${NAME:-default} and ${NAME:?message}."""

        def value(match: re.Match[str]) -> str:
            name, kind, rest = match.groups()
            if self.variables.get(name):
                return self.variables[name]
            if kind == "-":
                return rest
            raise LauncherError(f"docker-compose.yml 需要变量 {name}：{rest or ''}")

        return VARIABLE.sub(value, text)

    def _volume(self, volume: str) -> str:
        source, _, rest = volume.partition(":")
        if source.startswith("."):
            return f"{(self.folder / source).resolve()}:{rest}"
        return f"{self.project}_{source}:{rest}"

    @staticmethod
    def _logging(name: str, logging: dict[str, Any]) -> list[str]:
        """Docker's json-file is podman's k8s-file: both turn at a size; podman keeps one old file."""
        if not logging:
            return []
        refuse_unknown(name, logging, {"driver", "options"})
        refuse_unknown(name, logging["options"], {"max-size", "max-file"})
        return ["--log-driver", "k8s-file", "--log-opt", f"max-size={logging['options']['max-size']}"]

    @staticmethod
    def _healthcheck(name: str, check: dict[str, Any]) -> list[str]:
        if not check:
            return []
        refuse_unknown(name, check, {"test", "interval", "timeout", "retries", "start_period"})
        kind, *words = check["test"]
        command = words[0] if kind == "CMD-SHELL" else json.dumps(words)
        options = ["--health-cmd", command, "--health-interval", "disable", "--health-timeout", check["timeout"]]
        return [*options, "--health-retries", str(check["retries"])]

    def run(self, *arguments: str) -> str:
        """Run podman. LauncherError with what it wrote if it fails."""
        try:
            result = subprocess.run(
                [*self.podman, *arguments], capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS
            )
        except subprocess.TimeoutExpired:
            raise LauncherError(f"podman {shlex.join(arguments[:4])} 用了 {COMMAND_SECONDS:.0f} 秒仍未结束。") from None
        if result.returncode:
            raise LauncherError(
                f"podman {shlex.join(arguments[:4])} 失败：\n{result.stderr.strip()}\n{result.stdout[-2000:]}"
            )
        return result.stdout


def refuse_unknown(name: str, options: dict[str, Any], known: set[str]) -> None:
    if unknown := sorted(set(options) - known):
        raise LauncherError(
            f"docker-compose.yml 的 {name} 用了演练不认识的 {'、'.join(unknown)}，请补进 launcher/compose.py。"
        )


def read(file: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    for name, service in document["services"].items():
        service.setdefault("networks", ["default"])
        service.setdefault("restart", "no")
        if not service.get("image"):
            raise LauncherError(f"docker-compose.yml 的 {name} 没有 image。")
    return document
