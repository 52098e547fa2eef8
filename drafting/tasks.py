from celery import shared_task

from audit.origin import origin
from drafting.models import DraftDocument
from drafting.services.documents import mark_lost_documents, read_draft_document


@shared_task(ignore_result=True)
def read_document(pk: int) -> None:
    """Read an uploaded document; sent again, it changes nothing."""
    document = DraftDocument.objects.filter(pk=pk).select_related("draft", "uploaded_by").first()
    if document:
        with origin("任务"):
            read_draft_document(document)


@shared_task(ignore_result=True)
def mark_lost() -> int:
    return mark_lost_documents()
