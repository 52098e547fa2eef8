"""How many model classes a migration makes; `tests/drills/test_migrations.py` compares what the migrations make."""

from django.db import models
from django.db.migrations.state import ModelState, ProjectState

from core.model_states import few_model_classes


def state_of(name: str, **foreign_keys: str) -> ModelState:
    fields: list[tuple[str, models.Field]] = [("id", models.BigAutoField(primary_key=True))]
    fields += [(key, models.ForeignKey(to, models.CASCADE)) for key, to in foreign_keys.items()]
    return ModelState("library", name, fields)


def test_a_new_model_leaves_the_classes_that_it_points_to():
    with few_model_classes():
        state = ProjectState()
        state.add_model(state_of("Author"))
        state.add_model(state_of("Book", author="library.Author"))
        author, book = (state.apps.get_model("library", name) for name in ("author", "book"))
        state.add_model(state_of("Copy", book="library.Book"))
    copy = state.apps.get_model("library", "copy")
    assert (state.apps.get_model("library", "author"), state.apps.get_model("library", "book")) == (author, book)
    assert copy._meta.get_field("book").related_model is book
    assert [relation.related_model for relation in book._meta.related_objects] == [copy]
    assert author._meta.get_field("book").related_model is book
