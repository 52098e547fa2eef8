"""Model classes of migration states, made in a third of the time. Tests of all migrations make thousands of them."""

import copy
import gc
import os

import django
from django.core.management import call_command
from django.db.migrations.state import ProjectState
from django.db.models import Field

_clone = Field.clone
_add_field = ProjectState.add_field


def clone_by_copy(field: Field) -> Field:
    """What `Field.clone` returns, without taking the field apart and validating its arguments again: the fields of a
    state belong to no model yet. As with `clone`, fields are in the order in which they were cloned.
    """
    if hasattr(field, "model"):
        return _clone(field)
    made = copy.deepcopy(field)
    made.creation_counter = Field.creation_counter
    Field.creation_counter += 1
    return made


def reload_only_the_model(state: ProjectState, app_label: str, model_name: str, delay: bool = False) -> None:
    """Django also makes the class of each related model again, which are nearly all. Where it allows a delay, the
    statements of the operation need the changed model only, and code of a migration gets all classes made again.
    """
    if "apps" not in state.__dict__:
        return
    if delay:
        state.is_delayed = True
        state._reload({(app_label, model_name)})
    else:
        state._reload(state._find_reload_model(app_label, model_name))


def add_field_with_delay(state: ProjectState, app_label: str, model_name: str, *arguments) -> None:
    """Django allows no delay for a foreign key. A new one needs the class that it points to, which is unchanged."""
    apps = state.__dict__.pop("apps", None)
    _add_field(state, app_label, model_name, *arguments)
    if apps is not None:
        state.__dict__["apps"] = apps
        state.reload_model(app_label, model_name, delay=True)


REPLACEMENTS = (
    (Field, "clone", clone_by_copy),
    (ProjectState, "reload_model", reload_only_the_model),
    (ProjectState, "add_field", add_field_with_delay),
)


def install() -> None:
    """For a process that ends after the migrations."""
    for replacement in REPLACEMENTS:
        setattr(*replacement)


def migrate() -> None:
    """`manage.py migrate` for the suite's own database. The demo that a test starts migrates without replacements."""
    os.environ.setdefault("PROCESS_ROLE", "migration")
    django.setup()
    gc.set_threshold(300_000, 20, 20)
    install()
    call_command("migrate", verbosity=0, skip_checks=True)


if __name__ == "__main__":
    migrate()
