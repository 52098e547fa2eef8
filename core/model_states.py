"""Model classes of migration states, made in a third of the time.

While `migrate` runs on an empty database, Django makes thousands of model classes again that did not change. The tables
are the same without that: `tests/drills/test_migrations.py` compares them with those of Django's own code, which
servers use. Used where all migrations run: the demo's first start and the tests.
"""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.state import ProjectState
from django.db.models import Field

_clone = Field.clone
_add_field = ProjectState.add_field
_add_model = ProjectState.add_model


def clone_by_copy(field: Any) -> Any:
    """What `Field.clone` returns, without taking the field apart and validating its arguments again: the fields of a
    state belong to no model yet. As with `clone`, fields are in the order in which they were cloned.
    """
    if hasattr(field, "model"):
        return _clone(field)
    made = copy.deepcopy(field)
    made.__dict__.pop("related_model", None)  # cached when the state was made: the name of the model, not its class
    made.creation_counter = Field.creation_counter
    Field.creation_counter += 1
    return made


def reload_only_the_model(state: Any, app_label: str, model_name: str, delay: bool = False) -> None:
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


def add_field_with_delay(state: Any, app_label: str, model_name: str, *arguments: Any) -> None:
    """Django allows no delay for a foreign key. A new one needs the class that it points to, which is unchanged."""
    apps = state.__dict__.pop("apps", None)
    _add_field(state, app_label, model_name, *arguments)
    if apps is not None:
        state.__dict__["apps"] = apps
        state.reload_model(app_label, model_name, delay=True)


def add_model_with_delay(state: Any, model_state: Any) -> None:
    """Django makes the classes of all models again that a new one points to, directly or not. They are unchanged: what
    they know of the models that point to them is asked anew after each new class.
    """
    apps = state.__dict__.pop("apps", None)
    _add_model(state, model_state)
    if apps is not None:
        state.__dict__["apps"] = apps
        state.reload_model(model_state.app_label, model_state.name_lower, delay=True)


REPLACEMENTS: tuple[tuple[type, str, Any], ...] = (
    (Field, "clone", clone_by_copy),
    (ProjectState, "reload_model", reload_only_the_model),
    (ProjectState, "add_field", add_field_with_delay),
    (ProjectState, "add_model", add_model_with_delay),
)


@contextmanager
def few_model_classes() -> Iterator[None]:
    """Run migrations in this block, and nothing beside them in the same process."""
    originals = [(owner, name, getattr(owner, name)) for owner, name, _replacement in REPLACEMENTS]
    for owner, name, replacement in REPLACEMENTS:
        setattr(owner, name, replacement)
    try:
        yield
    finally:
        for owner, name, original in originals:
            setattr(owner, name, original)
