"""All migrations run back and, by Django's own code, forth again; `tests/test_architecture.py` tries the new ones."""

import pytest
from django.db import connection

from tests.test_architecture import APPS
from tests.upgrade.back_and_forth import AGAIN, BACK, BEFORE, copy_of_migrated, run_back_and_forth
from tests.upgrade.releases import definitions, objects

OF_LIBRARIES = ("account_email", "auth_", "axes_", "django_", "mfa_", "unique_authenticator", "unique_primary_email")


@pytest.mark.long
def test_all_migrations_run_back_and_forth_and_make_the_same_tables_without_few_model_classes(tmp_path):
    """What was there before was migrated with `core.model_states`, as the demo is. Nothing is left by going back."""
    name = f"{connection.settings_dict['NAME']}_back_and_forth".removeprefix("test_")
    with copy_of_migrated(name) as url:
        applied = run_back_and_forth(url, tmp_path, dict.fromkeys(APPS), "--plain")
    left = [entry.partition(" public ")[2] or entry for entry in objects(tmp_path / BACK)]
    assert any(entry.startswith("django_migrations") for entry in left)
    assert [entry for entry in left if not entry.lstrip("_").startswith(OF_LIBRARIES)] == []
    assert [migration for migration in applied if migration[0] in APPS] == []
    before, again = definitions(tmp_path / BEFORE), definitions(tmp_path / AGAIN)
    assert len(before) > 1000
    assert before ^ again == set()
