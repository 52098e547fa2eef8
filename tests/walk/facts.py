"""What a request reads of its user: the only way in which its answer can depend on who asks.

Two users of whom a request would read the same facts with the same values get the same answer: it goes the same way
up to the first fact that differs. The walk sends such a request once and holds its answer against what each of these
users may get.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps

from accounts.models import User
from core.scope import Scope
from notices.models import Notice
from notices.templatetags import notices

SAME_FOR_ALL = {"__class__", "_meta", "_state"}
QUESTIONS = {"has_perm", "has_module_perms"}
"""Methods whose answers are facts."""
READ_BY_PARTS = {"has_perms", "_is_pk_set", "_get_pk_val"}
"""Methods that only read facts."""
UNIQUE = object()
"""The value of a fact that is assumed to differ between any two users."""
KEYS = {("user", "pk"), ("user", "id"), ("scope", "user_id")}
TABLES = re.compile(r'\b(?:FROM|UPDATE|INTO|JOIN(?! "?accounts_user\b)) "?(\w+)')
OWN_ROW = re.compile(r'"accounts_user"\."id" (?:=|IN)')
"""Users that are joined to a row are named in its table."""
NAME_ALL = {"accounts_user", "audit_auditrecord"}
"""Tables that are taken to name each user; of audit records also those about an account."""


@dataclass(frozen=True)
class Facts:
    """What one request has read: {(kind, name): value} of its user, and the tables."""

    values: dict[tuple[str, str], Any]
    tables: frozenset[str]


@dataclass(frozen=True)
class Asking:
    """A user, with scope and permissions read, and the tables that have a row with the user's key."""

    user: User
    named_in: frozenset[str]

    def gets_the_answer_of(self, other: "Asking", facts: Facts) -> bool:
        """Whether a request of the other, which has read these facts, would go the same way for this user.

        The keys of both are as good as each other where no table names either of them.
        """
        keys_are_alike = not facts.tables & (self.named_in | other.named_in)
        return all(
            keys_are_alike if key in KEYS else value is not UNIQUE and self._value_of(*key) == value
            for key, value in facts.values.items()
        )

    def _value_of(self, kind: str, name: str) -> Any:
        if kind in QUESTIONS:
            return getattr(self.user, kind)(name)
        return getattr(self.user.scope if kind == "scope" else self.user, name)


def asking(users: dict[str, User]) -> dict[str, Asking]:
    """Anybody who asks, by role, as the database has them now."""
    named_in = defaultdict(set)
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            if field.related_model is User:
                for key in model._base_manager.order_by().values_list(field.attname, flat=True).distinct():
                    named_in[key].add(model._meta.db_table)
    people = {}
    for role, known in users.items():
        user = User.objects.get(pk=known.pk)
        _rights = user.scope, user.get_all_permissions()  # the user keeps both
        people[role] = Asking(user, frozenset(named_in[user.pk] | NAME_ALL))
    return people


class FactsRead:
    """Records what the requests of one user after the other read."""

    def __init__(self) -> None:
        self._user: User | None = None
        self._scope: Scope | None = None
        self._is_paused = False
        self._values: dict[tuple[str, str], Any] = {}
        self._tables: set[str] = set()

    def begin(self, user: User) -> None:
        self._user, self._scope, self._values = user, None, {}

    def end(self) -> Facts:
        """The facts that were read since the last end."""
        facts = Facts(self._values, frozenset(self._tables))
        self._user, self._scope, self._values, self._tables = None, None, {}, set()
        return facts

    def see_query(self, sql: str) -> None:
        if not self._is_paused:
            self._tables.update(TABLES.findall(sql))
            if OWN_ROW.search(sql):
                self._tables.add("accounts_user")

    @contextmanager
    def installed(self) -> Iterator[None]:
        """The number of unread notices in the head of each page is left out: nothing else depends on it."""

        def of_the_head(user: User) -> SimpleNamespace:
            unread = Notice.objects.for_user
            count = self.unwatched(lambda: unread(user).unread().count())
            return SimpleNamespace(unread=lambda: SimpleNamespace(count=count))

        head = SimpleNamespace(objects=SimpleNamespace(for_user=of_the_head))
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(User, "__getattribute__", self._reader(self._is_user, self._read_of_user), raising=False)
            patched.setattr(Scope, "__getattribute__", self._reader(self._is_scope, self._read_of_scope), raising=False)
            patched.setattr(notices, "Notice", head)
            yield

    def _is_user(self, row: object) -> bool:
        return row is self._user

    def _is_scope(self, scope: object) -> bool:
        return scope is self._scope

    def _reader(self, is_watched: Callable[[object], bool], read: Callable[[object, str], Any]) -> Callable:
        plain = object.__getattribute__

        def get(row: object, name: str) -> Any:
            if self._is_paused or name in SAME_FOR_ALL or not is_watched(row):
                return plain(row, name)
            return read(row, name)

        return get

    def unwatched(self, ask: Callable) -> Callable:
        """What it reads itself is no fact."""

        def answer(*args: Any, **kwargs: Any) -> Any:
            was_paused, self._is_paused = self._is_paused, True
            try:
                return ask(*args, **kwargs)
            finally:
                self._is_paused = was_paused

        return answer

    def _plain(self, row: object, name: str, key: tuple[str, str]) -> Any:
        try:
            return self.unwatched(object.__getattribute__)(row, name)
        except AttributeError:
            if hasattr(type(row), name):  # a related row that this user has not; else no user has the attribute
                self._values[key] = UNIQUE
            raise

    def _read_of_user(self, user: object, name: str) -> Any:
        value = self._plain(user, name, ("user", name))
        if name == "scope":
            self._scope = value
        elif name in QUESTIONS:
            return self._question(name, value)
        elif name not in READ_BY_PARTS:
            self._learn(("user", name), UNIQUE if callable(value) else value)
        return value

    def _read_of_scope(self, scope: object, name: str) -> Any:
        value = self._plain(scope, name, ("scope", name))
        self._learn(("scope", name), UNIQUE if callable(value) else value)
        return value

    def _question(self, name: str, method: Callable) -> Callable:
        def ask(*args: Hashable, **kwargs: Any) -> Any:
            answer = self.unwatched(method)(*args, **kwargs)
            is_of_all_rows = args[1:] in ((), (None,)) and not kwargs
            self._learn((name, str(args[0]) if is_of_all_rows else "…"), answer if is_of_all_rows else UNIQUE)
            return answer

        return ask

    def _learn(self, key: tuple[str, str], value: Any) -> None:
        """What changes while a request goes on is no fact of others."""
        is_same = key not in self._values or self._values[key] is value or self._values[key] == value
        self._values[key] = value if is_same else UNIQUE
