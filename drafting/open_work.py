"""Open work (待办) of an institution's office: drafts from documents that wait to be confirmed."""

from django.urls import reverse

from accounts.models import User
from drafting.models import DocumentDraft
from open_work.sources import Clock, OpenWork


def drafting_work(user: User) -> list[OpenWork]:
    """For officers of institutions; nothing for others."""
    if not user.scope.institution_ids:
        return []
    return [
        OpenWork(
            "document-drafts",
            "从文件起草、等您核对的成果",
            DocumentDraft.objects.visible_to(user).to_confirm().prefetch_related("documents"),
            Clock("started_at"),
            reverse("document_drafts"),
            "核对",
            "本单位",
            lambda row: reverse("document_draft", args=[row.public_id]),
        )
    ]
