"""docker-compose.yml, Dockerfile and .env.example say the same as the settings."""

import ast
import re
from pathlib import Path

import environ
import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
OURS = ["migrate", "web", "worker", "beat"]
COMPOSE_ONLY = {"POSTGRES_PASSWORD"}
"""Documented for the container of the database, read by no setting."""


def read_by_settings() -> set[str]:
    """Names in calls like env.bool("NAME"), in the settings and the modules that they call."""
    modules = (ROOT / "dalian_techtransfer").glob("*settings.py")
    trees = [ast.parse(module.read_text(encoding="utf-8")) for module in modules]
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


def test_the_processes_are_those_of_the_demo():
    assert SERVICES["migrate"]["command"] == "python manage.py migrate --noinput"
    assert SERVICES["worker"]["command"].startswith("celery -A dalian_techtransfer worker")
    assert SERVICES["beat"]["command"].startswith("celery -A dalian_techtransfer beat")
    assert '"gunicorn", "-c", "python:dalian_techtransfer.web_workers", "dalian_techtransfer.wsgi"' in (
        ROOT / "Dockerfile"
    ).read_text(encoding="utf-8")


def test_nobody_starts_before_the_tables_and_the_queue_are_there():
    for name in ("web", "worker", "beat"):
        waits = {service: how["condition"] for service, how in SERVICES[name]["depends_on"].items()}
        assert waits == {"migrate": "service_completed_successfully", "redis": "service_healthy"}
    for name in ("web", "postgres", "redis"):
        assert SERVICES[name]["healthcheck"]["test"]
    assert "localhost:8000/healthz" in " ".join(SERVICES["web"]["healthcheck"]["test"])
    assert "localhost" in documented()["ALLOWED_HOSTS"].split(",")


def test_the_queue_and_the_data_outlive_a_restart():
    assert SERVICES["postgres"]["image"] == "postgres:18"
    assert "--appendonly yes" in SERVICES["redis"]["command"]
    assert "--maxmemory-policy noeviction" in SERVICES["redis"]["command"]
    mounted = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert mounted == set(COMPOSE["volumes"])


def test_the_image_is_made_from_hashed_requirements_and_holds_no_secret():
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "pip install --require-hashes -r requirements.txt" in dockerfile
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".env", ".data", ".venv", ".git"} <= set(ignored)
