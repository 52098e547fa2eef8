"""Deleting stored files whose rows no longer need them."""

from functools import partial

from django.db import transaction
from django.db.models.fields.files import FieldFile


def delete_after_commit(*files: FieldFile) -> None:
    """Delete the files once the transaction is committed; after a rollback they are still there. Empty ones count not.

    A storage that fails is logged and does not undo what was committed.
    """
    for file in files:
        if file and file.name:
            transaction.on_commit(partial(file.storage.delete, file.name), robust=True)
