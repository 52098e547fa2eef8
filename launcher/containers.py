"""The command `test --containers`: build the Dockerfile, start docker-compose.yml, use it, stop it, start it again.

No public image can be had on a machine without a registry, so everything is made from the packages of Debian's mirror
that apt uses here: a base by debootstrap (kept under .data/containers by the hash of what it is made of), and images
that stand in for PostgreSQL, Redis and the proxy. Needs root and Debian.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import resource
import secrets
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from launcher import compose
from launcher.console import LauncherError, say
from launcher.engines import free_port
from launcher.paths import CHECKOUT, DATA

PACKAGES = ("podman", "buildah", "runc", "debootstrap", "nftables", "aardvark-dns")
"""Debian's packages for building and running; nftables and aardvark-dns for networks and their names."""
BASE_PACKAGES = "python3,python3-venv,ca-certificates"
FOLDER = DATA / "containers"
STAMP = "last-proven.json"
PATIENCE = 900.0
"""Seconds until a service must be ready; a busy machine is ten times slower."""
IMAGE = "dalian-techtransfer"
STAND_INS = {
    "postgres:18": ("postgres", "PostgreSQL 18 的官方镜像由本项目 requirements-demo.txt 中的 PostgreSQL 18 代替"),
    "redis:8": ("redis", "Redis 的官方镜像由 Debian 的 redis-server 代替"),
    "caddy:2": ("caddy", "Caddy 的官方镜像由 Debian 的 caddy 代替"),
}
"""Image in docker-compose.yml → build target of deploy/drill/Dockerfile, and what the output says of it."""


def run() -> int:
    """Run the drill. Returns 0 if it passed or cannot be run here (a line says why), else raises LauncherError."""
    if reason := _impossible():
        say(f"跳过容器演练：{reason}")
        return 0
    started = time.monotonic()
    FOLDER.mkdir(parents=True, exist_ok=True)
    tools = ContainerTools(FOLDER)
    tools.build()
    folder = FOLDER / f"run-{secrets.token_hex(4)}"
    try:
        _Drill(tools, folder).run()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    say(f"容器演练通过，用时 {time.monotonic() - started:.0f} 秒。")
    return 0


def _impossible() -> str:
    """Why the drill cannot run here; empty if it can."""
    if os.getuid() != 0:
        return "需要 root（建立 Debian 基础系统和容器网络）。"
    if not shutil.which("apt-get"):
        return "需要 Debian 或其衍生系统（apt-get、debootstrap）。"
    missing = [name for name in PACKAGES if not _installed(name)]
    if missing:
        say(f"正在安装系统组件：{'、'.join(missing)}……")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *missing]):
            subprocess.run(["apt-get", *arguments], check=False, stdout=subprocess.DEVNULL, env=environment)
        missing = [name for name in PACKAGES if not _installed(name)]
    if missing:
        return f"无法安装 {'、'.join(missing)}。"
    return "" if _mirror() else "apt 没有配置 http(s) 镜像，无法建立基础系统。"


def _installed(package: str) -> bool:
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Abbrev}", package]
    return subprocess.run(query, capture_output=True, text=True, check=False).stdout.startswith("ii")


def _mirror() -> tuple[str, str] | None:
    """Address and release of the mirror that apt takes the package `base-files` of this system from."""
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    for line in targets.splitlines():
        uri, codename = line.split()[:2]
        if uri.startswith("http") and codename and "-" not in codename:
            return uri, codename
    return None


class ContainerTools:
    """Podman and buildah with a storage of their own under `folder`, and the images of the drill."""

    def __init__(self, folder: Path):
        self.folder = folder
        configuration = folder / "containers.conf"
        configuration.write_text(f"[containers]\ndefault_ulimits={json.dumps(_limits())}\n", encoding="utf-8")
        os.environ["CONTAINERS_CONF"] = str(configuration)
        os.environ["PODMAN_IGNORE_CGROUPSV1_WARNING"] = "1"
        self.storage = ("--root", str(folder / "storage"), "--runroot", str(folder / "runroot"))
        self.podman = ("podman", *self.storage, "--runtime", "runc", "--cgroup-manager", "cgroupfs")
        self.base = ""

    def build(self) -> None:
        self.base = self._base()
        say("正在建立镜像……")
        self._build_image(IMAGE, CHECKOUT / "Dockerfile", CHECKOUT)
        for target, note in STAND_INS.values():
            self._build_image(target, CHECKOUT / "deploy/drill/Dockerfile", CHECKOUT, "--target", target)
            say(f"替代：{note}。")
        size = int(self.call(*self.podman, "image", "inspect", "--format", "{{.Size}}", f"localhost/{IMAGE}"))
        base = int(self.call(*self.podman, "image", "inspect", "--format", "{{.Size}}", self.base))
        say(f"镜像 {size / 1e6:.0f} MB，其中基础系统 {base / 1e6:.0f} MB。")

    def _base(self) -> str:
        """The base image, made once for each mirror, release and list of packages."""
        uri, codename = _mirror() or ("", "")
        state = hashlib.sha256(f"{uri} {codename} {BASE_PACKAGES} 2".encode()).hexdigest()[:16]
        image = f"localhost/debian-base:{state}"
        if subprocess.run([*self.podman, "image", "exists", image], check=False).returncode == 0:
            return image
        say(f"正在用 debootstrap 建立 Debian {codename} 基础系统……")
        root = self.folder / "debootstrap"
        shutil.rmtree(root, ignore_errors=True)
        self.call("debootstrap", "--variant=minbase", f"--include={BASE_PACKAGES}", codename, str(root), uri)
        self.call("chroot", str(root), "apt-get", "clean")
        shutil.rmtree(root / "var/lib/apt/lists")
        archive = self.folder / "base.tar"
        self.call("tar", "-C", str(root), "-cf", str(archive), ".")
        self.call(*self.podman, "import", str(archive), image)
        shutil.rmtree(root)
        archive.unlink()
        return image

    def _build_image(self, name: str, dockerfile: Path, context: Path, *options: str) -> None:
        command = [
            "buildah",
            *self.storage,
            "build",
            "--isolation",
            "chroot",
            "--layers",
            "--build-arg",
            f"BASE={self.base}",
        ]
        for file in _pip_settings():
            command += ["--volume", f"{file}:{file}:ro"]
        command += [*options, "--file", str(dockerfile), "--tag", f"localhost/{name}", str(context)]
        log = self.folder / f"build-{name}.log"
        with open(log, "w", encoding="utf-8") as output:
            result = subprocess.run(
                command, stdout=output, stderr=subprocess.STDOUT, check=False, timeout=compose.COMMAND_SECONDS
            )
        if result.returncode:
            tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-25:])
            raise LauncherError(f"镜像 {name} 没有建成。日志：{log}\n{tail}")

    @staticmethod
    def call(*command: str) -> str:
        result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=compose.COMMAND_SECONDS)
        if result.returncode:
            raise LauncherError(f"{command[0]} 失败：\n{result.stdout[-2000:]}{result.stderr[-2000:]}")
        return result.stdout


def _limits() -> list[str]:
    """This machine's own limits: not every one allows the higher ones that buildah and podman ask for."""
    kinds = {"nofile": resource.RLIMIT_NOFILE, "nproc": resource.RLIMIT_NPROC}
    hard = {name: resource.getrlimit(kind)[1] for name, kind in kinds.items()}
    return [f"{name}={limit}:{limit}" for name, limit in hard.items() if limit != resource.RLIM_INFINITY]


def _pip_settings() -> list[Path]:
    """Files by which pip reaches its index here: its settings and the certificates they name."""
    settings = Path("/etc/pip.conf")
    if not settings.is_file():
        return []
    named = re.findall(r"^\s*(?:cert|find-links)\s*=\s*(/\S+)", settings.read_text(encoding="utf-8"), re.MULTILINE)
    return [settings, *(path for path in map(Path, named) if path.exists())]


class _Drill:
    """One run with volumes, networks and ports of its own."""

    def __init__(self, tools: ContainerTools, folder: Path):
        folder.mkdir()
        self.folder = folder
        self.password = secrets.token_urlsafe(18)
        self.web_port, self.plain_port, self.tls_port = (free_port() for _ in range(3))
        shutil.copytree(CHECKOUT / "deploy", folder / "deploy")
        self._write_environment()
        self.stack = compose.Stack(
            podman=tools.podman,
            project=folder.name,
            folder=folder,
            document=compose.read(CHECKOUT / "docker-compose.yml"),
            variables={"POSTGRES_PASSWORD": self.password, "SITE_HOST": "localhost"},
            images={
                IMAGE: f"localhost/{IMAGE}",
                **{image: f"localhost/{target}" for image, (target, _) in STAND_INS.items()},
            },
            ports={
                "127.0.0.1:8000:8000": f"127.0.0.1:{self.web_port}:8000",
                "80:80": f"127.0.0.1:{self.plain_port}:80",
                "443:443": f"127.0.0.1:{self.tls_port}:443",
            },
        )

    def _write_environment(self) -> None:
        """.env.example with what its comments tell the operator to fill in."""
        text = (CHECKOUT / ".env.example").read_text(encoding="utf-8")
        text = text.replace("change-me", self.password)
        text = re.sub(r"^SECRET_KEY=$", f"SECRET_KEY={secrets.token_urlsafe(50)}", text, flags=re.MULTILINE)
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        (self.folder / ".env").write_text("\n".join([*lines, "MFA_REQUIRED_ROLES=", ""]), encoding="utf-8")

    def run(self) -> None:
        try:
            self.stack.create()
            self._first_start()
            before = self._use()
            self._restart(before)
            self._recreate(before)
        except LauncherError as error:
            logs = "\n".join(f"--- {name}\n{self.stack.logs(name)}" for name in self.stack.start_order())
            raise LauncherError(f"{error}\n{logs}") from None
        finally:
            self.stack.down(volumes=True)

    def _first_start(self) -> None:
        self.stack.up(seconds=PATIENCE)
        for name, service in self.stack.services.items():
            if "healthcheck" in service:
                self.stack.wait_healthy(name, PATIENCE)
        say(f"{len(self.stack.services)} 个服务已启动，健康检查通过，数据表已建立。")
        for probe in ("touch /srv/app/probe", "touch /srv/venv/probe"):
            if self._succeeds("web", "sh", "-c", probe):
                raise LauncherError(f"容器的文件系统可写：{probe}")
        if self.stack.execute("web", "id", "-u").strip() == "0":
            raise LauncherError("容器以 root 运行。")

    def _use(self) -> dict[str, int]:
        """Load the city, run a round to its matches, make a paper, a backup and its rehearsal. Returns row counts."""
        manage = ("python", "manage.py")
        self.stack.execute("web", *manage, "load_city")
        self.stack.execute("web", *manage, "load_demo_city", "--logins-file", "/tmp/logins.json")  # noqa: S108
        output = self.stack.execute("web", *manage, "check_chain", "--timeout", str(PATIENCE))
        counts = json.loads(output.strip().splitlines()[-1])
        say(f"演示城市已载入，一轮对接已跑到匹配：{counts}")
        self._check_paper()
        self._wait(
            lambda: self._succeeds("backup", "test", "-e", f"/srv/backups/{STAMP}"), "备份服务没有自己做第一份备份"
        )
        self.stack.execute("backup", *manage, "backup", "--rehearse")
        say("备份已写出，并恢复到旁边的数据库核对过。")
        self._check_proxy()
        self._wait_for_health()
        return self._row_counts()

    def _check_paper(self) -> None:
        script = (
            "import io, pypdf, weasyprint;"
            "data = weasyprint.HTML(string='<p>科技成果转化</p>').write_pdf();"
            "print(pypdf.PdfReader(io.BytesIO(data)).pages[0].extract_text())"
        )
        if "科技成果转化" not in self.stack.execute("web", "python", "-c", script):
            raise LauncherError("镜像不能生成中文 PDF。")

    def _check_proxy(self) -> None:
        status, location = _ask(f"http://localhost:{self.plain_port}/")
        if status not in (301, 308) or not location.startswith("https://"):
            raise LauncherError(f"代理没有把 HTTP 转到 HTTPS：{status} {location}")
        arguments = ["--silent", "--insecure", "--output", "/dev/null", "--write-out", "%{http_code}"]
        for path, wanted in (("/", "200"), ("/healthz", "404")):
            code = ContainerTools.call("curl", *arguments, f"https://localhost:{self.tls_port}{path}")
            if code != wanted:
                raise LauncherError(f"经代理打开 {path} 得到 {code}，应为 {wanted}。")

    def _wait_for_health(self) -> None:
        address = f"http://127.0.0.1:{self.web_port}/healthz"
        self._wait(
            lambda: _ask(address, https=True)[0] == 200, "/healthz 一直不正常", lambda: _ask(address, https=True)[1]
        )

    @staticmethod
    def _wait(ready: Callable[[], bool], failure: str, detail: Callable[[], str] = str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not ready():
            if time.monotonic() > deadline:
                raise LauncherError(f"{failure} {detail()}")
            time.sleep(1)

    def _restart(self, before: dict[str, int]) -> None:
        """Kill what must not be killed, as a power cut does."""
        for name in ("worker-batch", "worker-interactive", "web", "redis", "postgres"):
            self.stack.run("kill", "--signal", "KILL", self.stack.container(name))
            self.stack.run("start", self.stack.container(name))
        self.stack.wait_healthy("postgres", PATIENCE)
        self.stack.wait_healthy("web", PATIENCE)
        self._wait_for_health()
        self._compare(before, "强制终止并重新启动后")

    def _recreate(self, before: dict[str, int]) -> None:
        """Remove every container, keep the volumes, start again: what an upgrade does."""
        self.stack.down(volumes=False)
        self.stack.create_networks()
        self.stack.up(seconds=PATIENCE)
        self.stack.wait_healthy("web", PATIENCE)
        self._wait_for_health()
        self._compare(before, "删除容器、保留数据卷并重新建立后")

    def _compare(self, before: dict[str, int], when: str) -> None:
        after = self._row_counts()
        if lost := {name: (rows, after.get(name, 0)) for name, rows in before.items() if after.get(name, 0) < rows}:
            raise LauncherError(f"{when}少了数据：{lost}")
        say(f"{when}，{len(before)} 张表一行不少，/healthz 正常。")

    def _row_counts(self) -> dict[str, int]:
        script = (
            "import json; from backups.row_counts import row_counts;"
            "print(json.dumps({n: c for n, c in row_counts().items() if n.split('_')[0] not in ('django', 'axes')}))"
        )
        output = self.stack.execute("web", "python", "manage.py", "shell", "--verbosity", "0", "-c", script)
        counts: dict[str, int] = json.loads(output.strip().splitlines()[-1])
        return counts

    def _succeeds(self, name: str, *command: str) -> bool:
        arguments = [*self.stack.podman, "exec", self.stack.container(name), *command]
        return subprocess.run(arguments, capture_output=True, check=False).returncode == 0


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: object) -> None:
        return None


def _ask(url: str, *, https: bool = False) -> tuple[int, str]:
    """Status, and the target of a redirect or the body. `https`: as the proxy asks for a visitor with HTTPS."""
    request = urllib.request.Request(url, headers={"X-Forwarded-Proto": "https"} if https else {})  # noqa: S310
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)
    try:
        with opener.open(request, timeout=30) as answer:
            return int(answer.status), answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("Location") or error.read().decode(errors="replace")
    except OSError as error:
        return 0, str(error)
