"""What the walk finds of drafts from documents, and what each role gets there."""

from django.core.files.base import ContentFile

from drafting.models import DocumentDraft, DraftDocument
from tests.walk.portfolio import NO_GET, NOBODY, OFFICE_ONLY, OFFICE_SEES


def plant(world, side, *, mine: bool) -> None:
    """A draft that waits to be confirmed, with a document that was read and one that is a scan."""
    tag, user = ("甲", world.users["office"]) if mine else ("乙", side.user)
    office = ("office",) if mine else ()
    title = world.secret(f"从文件起草的成果{tag}", *office)
    field = {"text": title, "status": "read", "message": "", "quotation": title, "place": "第 1 行", "others": []}
    side.document_draft = DocumentDraft.objects.create(institution=side.institution, started_by=user)
    documents = []
    for status in (DraftDocument.Status.READ, DraftDocument.Status.SCAN):
        document = DraftDocument(
            draft=side.document_draft,
            name=world.secret(f"专利{status.value}{tag}.pdf", *office),
            kind="pdf",
            size=9,
            sha256="0" * 64,
            status=status,
            uploaded_by=user,
        )
        document.file.save("walk.pdf", ContentFile(b"%PDF-1.7 x"), save=False)
        document.save()
        documents.append(document)
    side.draft_document = documents[0]
    side.document_draft.fields = {"title": field | {"document": documents[0].public_id}}
    side.document_draft.save()


PAGES = {
    "workbench/drafting/": {
        "GET": OFFICE_SEES,
        "POST": "login 404 422 404 404 404 404 404 404",  # without a file and without a text
    },
    "workbench/drafting/documents/<public_id:public_id>/file/": {
        "about": "draft document",
        "GET own": OFFICE_SEES,
        "GET foreign": NOBODY,
        "POST": NO_GET,
    },
    "workbench/drafting/documents/<public_id:public_id>/read/": {
        "about": "draft document",
        "GET": NO_GET,
        "POST own": "login 404 away 404 404 404 404 404 404",  # it is read already
        "POST foreign": NOBODY,
    },
    "workbench/drafting/<public_id:public_id>/": {
        "about": "document draft",
        "GET own": OFFICE_SEES,
        "GET foreign": NOBODY,
        "POST own": OFFICE_ONLY,
        "POST foreign": NOBODY,
    },
    "workbench/drafting/<public_id:public_id>/step/": {
        "about": "document draft",
        "GET": NO_GET,
        "data": lambda world, kind: {"action": "drop"},
        "POST own": OFFICE_ONLY,
        "POST foreign": NOBODY,
    },
}
