"""Hash of a version and seal of its signature. Both can be computed again from the database at any time.

The hash covers every frozen value, row, restatement and definition. The seal is an HMAC with the SECRET_KEY over the
hash and the signature, so that nobody can make a version with SQL alone. SECRET_KEY_FALLBACKS keep older seals valid.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db import connection

from mechanism.closing.freezing import FINGERPRINT
from mechanism.models import FigureVersion, FrozenFigure, FrozenRow, Restatement

SALT = "mechanism.closing"
VALUE_COLUMNS = ("span", "figure", "by", "name", "label", "value", "rows", "total", "part_rows", "part", "parts")
RESTATEMENT_COLUMNS = ("row_set", "object_id", "kind", "before", "after", "reason")


@dataclass(frozen=True)
class Proof:
    """Which parts of a version are as they were signed. `is_sealed` is False for a version that nobody signed."""

    are_rows_intact: bool
    are_values_intact: bool
    is_content_intact: bool
    is_sealed: bool

    @property
    def is_intact(self) -> bool:
        return self.are_rows_intact and self.are_values_intact and self.is_content_intact


def rows_hash(version: FigureVersion) -> tuple[str, int]:
    """(SHA-256 over the fingerprints, number of rows). The fingerprints are computed anew from the facts."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT encode(sha256(convert_to(coalesce(string_agg({FINGERPRINT}, ','"  # noqa: S608
            " ORDER BY row_set COLLATE \"C\", object_id), ''), 'UTF8')), 'hex'), count(*)"
            f" FROM {FrozenRow._meta.db_table} WHERE version_id = %s",
            (version.pk,),
        )
        digest, number = cursor.fetchone()
    return digest, number


def values_hash(version: FigureVersion) -> str:
    """SHA-256 over all values and restatements."""
    values = FrozenFigure.objects.filter(version=version).values_list(*VALUE_COLUMNS)
    restatements = Restatement.objects.filter(version=version).values_list(*RESTATEMENT_COLUMNS)
    lines = sorted(_canonical([_plain(cell) for cell in row]) for rows in (values, restatements) for row in rows)
    return _digest("\n".join(lines))


def content_hash(version: FigureVersion) -> str:
    """SHA-256 over the row of the version and the two hashes stored in it, without the signature."""
    content = {
        "code": version.public_id,
        "period": version.period,
        "last_on": version.last_on.isoformat(),
        "number": version.number,
        "previous": version.previous_id and version.previous and version.previous.content_hash,
        "note": version.note,
        "checked_by": version.checked_by_id,
        "checked_at": version.checked_at.timestamp(),
        "definitions": version.definitions,
        "public_report": version.public_report,
        "row_sets": version.row_sets,
        "row_count": version.row_count,
        "rows": version.rows_hash,
        "values": version.values_hash,
    }
    return _digest(_canonical(content))


def seal_of(version: FigureVersion) -> str:
    """The seal of a version with its signature, 64 characters at most."""
    return Signer(salt=SALT).signature(_signed_text(version))


def is_sealed(version: FigureVersion) -> bool:
    """Whether the seal belongs to the content hash, the signer, the moment and the office."""
    if not version.seal:
        return False
    try:
        Signer(salt=SALT).unsign(f"{_signed_text(version)}:{version.seal}")
    except BadSignature:
        return False
    return True


def is_published_intact(version: FigureVersion) -> bool:
    """Whether what the public sees of a version is what was signed. Cheap: reads no frozen rows."""
    return version.is_signed and is_sealed(version) and content_hash(version) == version.content_hash


def prove(version: FigureVersion) -> Proof:
    """Compute all hashes of a version anew. Reads all its frozen rows."""
    return Proof(
        are_rows_intact=rows_hash(version) == (version.rows_hash, version.row_count),
        are_values_intact=values_hash(version) == version.values_hash,
        is_content_intact=content_hash(version) == version.content_hash,
        is_sealed=is_sealed(version),
    )


def _signed_text(version: FigureVersion) -> str:
    signed_at = version.signed_at.timestamp() if version.signed_at else None
    return _canonical([version.content_hash, version.signed_by_id, signed_at, version.office])


def _canonical(content: Any) -> str:
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _plain(cell: Any) -> Any:
    return cell if cell is None or isinstance(cell, int | str | list | dict) else str(cell)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
