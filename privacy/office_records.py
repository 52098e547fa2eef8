"""Rows of persons in what the offices of institutions keep: shares of income, objections, drafts, answers, consents."""

from collections.abc import Iterator
from itertools import islice

from django.db.models import Count, F, Max, Q, TextField
from django.db.models.functions import Cast

from accounts.models import ERASED_NAME, Contact, Organisation
from achievements.sheet_columns import achievement_columns
from challenges.models import Bid
from challenges.services.persons import bids_naming
from core.masking import mask_name
from correspondence.models import Handover
from deals.models import IncomeShare, PriceObjection
from drafting.models import DocumentDraft
from drafting.services.persons import named_fields
from portfolio.models import CompleterConsent
from portfolio.services.consents import person_fingerprint
from privacy.models import DataRequest
from privacy.person_record import MAX_ROWS, PersonRecord, in_unit, is_mailbox, reaches

LEAST_SEARCHED = 2
"""Characters of a name that is looked for within texts."""


def _shares(request: DataRequest) -> Iterator[PersonRecord]:
    own = Q(user=request.user_id) if request.user_id else Q(pk__in=[])
    by_name = Q(name=request.name) & in_unit(request, "case__institution__name")
    rows = IncomeShare.objects.filter(own | by_name).select_related("case__institution")
    for row in rows[:MAX_ROWS]:
        is_sure = bool(request.user_id) and row.user_id == request.user_id
        # Without the title: the case is for the institution's office only.
        label = f"{row.case.income_on.year} 年一项收益分配里的个人份额（{row.case.get_status_display()}）"
        yield PersonRecord("share", row, row.case.institution, label, is_sure)


def _price_objections(request: DataRequest) -> Iterator[PersonRecord]:
    """Raised by the account, with the address or telephone of the request, or in the person's name."""
    own = Q(who__icontains=request.name) if len(request.name) >= LEAST_SEARCHED else Q(who=request.name)
    if request.user_id:
        own |= Q(raised_by=request.user_id)
    for way in filter(None, (request.email, request.phone)):
        own |= Q(contact__icontains=way)
    rows = PriceObjection.objects.filter(own).exclude(who=ERASED_NAME)
    for row in rows.select_related("publicity__deal__seller")[:MAX_ROWS]:
        is_own = bool(request.user_id) and row.raised_by_id == request.user_id
        label = f"对“{row.publicity.title or row.publicity.deal.name}”价格公示的异议（{mask_name(row.who)}）"
        is_sure = is_own or is_mailbox(request, row.contact.strip())
        yield PersonRecord("objection", row, row.publicity.deal.seller, label, is_sure)


def _drafts(request: DataRequest) -> Iterator[PersonRecord]:
    """Drafts from documents that name the person, as long as they are open or their documents are kept."""
    if len(request.name) < LEAST_SEARCHED:
        return
    labels = {column.key: column.label for column in achievement_columns()}
    rows = DocumentDraft.objects.annotate(read=Cast("fields", TextField()), put=Cast("typed", TextField()))
    names = Q(read__contains=request.name) | Q(put__contains=request.name)
    rows = rows.filter(names | Q(documents__name__contains=request.name), in_unit(request, "institution__name"))
    for row in rows.select_related("institution").prefetch_related("documents").distinct()[:MAX_ROWS]:
        named = named_fields(row, request.name)
        if not named and not any(request.name in document.name for document in row.documents.all()):
            continue  # the name of another person contains this one
        details = (("文件", row.documents_text), ("写着姓名的栏目", "、".join(labels.get(key, key) for key in named)))
        label = f"从文件起草的成果“{row.title.replace(request.name, ERASED_NAME)}”"
        yield PersonRecord("draft", row, row.institution, label, False, details)


def _handovers(request: DataRequest) -> Iterator[PersonRecord]:
    rows = Handover.objects.filter(fingerprint__in=_fingerprints(request))
    for row in rows.select_related("achievement", "institution")[:MAX_ROWS]:
        label = f"交给本人答复的问题（成果“{row.achievement.title}”）"
        yield PersonRecord("handover", row, row.institution, label, False)


def _consents(request: DataRequest) -> Iterator[PersonRecord]:
    rows = CompleterConsent.objects.filter(fingerprint__in=_fingerprints(request))
    for row in rows.select_related("achievement__institution")[:MAX_ROWS]:
        state = "已撤回" if row.revoked_at else "有效"
        label = f"成果“{row.achievement.title}”的完成人同意（{state}）"
        yield PersonRecord("consent", row, row.achievement.institution, label, False)


def _letters(request: DataRequest) -> Iterator[PersonRecord]:
    """The letters that a contact was sent, as one record of the contact."""
    by_name = Q(name=request.name) & in_unit(request, "organisation__name")
    rows = Contact.objects.filter(reaches(request) | by_name, letters__isnull=False)
    rows = rows.annotate(
        number=Count("letters"), last=Max("letters__month"), stopped=F("letter_preference__stopped_at")
    )
    for row in rows.select_related("organisation")[:MAX_ROWS]:
        months = "、".join(f"{letter.month:%Y-%m}" for letter in row.letters.all())
        label = f"发给{mask_name(row.name)}的每月来信 {row.number} 封，最近一封 {row.last:%Y-%m}"
        details = (("来信的月份", months), ("已停发", "是" if row.stopped else "否"))
        yield PersonRecord("letter", row, row.organisation, label, is_mailbox(request, row.email), details)


def _bids(request: DataRequest) -> Iterator[PersonRecord]:
    """Opened bids of 揭榜挂帅 that name the person, as of its team. Sealed ones are not read before their opening."""
    if len(request.name) < LEAST_SEARCHED:
        return
    rows = Bid.objects.in_race().filter(in_unit(request, "lead__name"), challenge__opened_at__isnull=False)
    rows = rows.select_related("challenge", "lead").order_by("-pk")
    for bid, places in islice(bids_naming(request.name, rows.iterator(chunk_size=100)), MAX_ROWS):
        details = (("写着姓名的栏目", "、".join(places)),)
        yield PersonRecord("bid", bid, bid.lead, f"{bid}，递交的原件密封保存，姓名可以不再显示", False, details)


def _fingerprints(request: DataRequest) -> list[str]:
    """Of the person's name in every institution, or in those that match the unit."""
    institutions = Organisation.objects.filter(in_unit(request, "name"), kind=Organisation.Kind.INSTITUTION)
    return [person_fingerprint(pk, request.name) for pk in institutions.values_list("pk", flat=True)]


OFFICE_FINDERS = (_shares, _price_objections, _drafts, _handovers, _consents, _letters, _bids)
