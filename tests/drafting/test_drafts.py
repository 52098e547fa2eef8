"""From uploaded documents to a draft: each field confirmed, documents joined when asked, nothing taken unasked."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation
from achievements.models import Achievement
from drafting.models import DocumentDraft, DraftDocument
from drafting.services import documents as service
from drafting.services.drafts import add_to_achievement, create_draft, join_drafts, save_typed
from open_work.sources import summaries_of
from tests import factories
from tests.drafting.made_files import certificate
from tests.drafting.making import UNIVERSITY

pytestmark = [pytest.mark.django_db, pytest.mark.long]

LIST = reverse("document_drafts")
PAGE = (
    f"成果名称：海带加工废水净化装置\n完成单位：{UNIVERSITY}\n负责人：田丰\n所处阶段：中试\n产业链：新材料\n体现形式：新装备\n"
    "成果简介：装置已在三家企业使用，出水浊度小于 1 NTU，运行成本下降三成，联系手机 13912345678。\n合作方式：技术许可\n"
    "专利号：ZL202110456789.5\n意向价格：500000\n"
)


@pytest.fixture
def institution():
    return factories.institution(UNIVERSITY)


@pytest.fixture
def office(institution):
    return factories.institution_officer(institution)


@pytest.fixture
def as_office(client, office):
    client.force_login(office)
    return client


def read(text: str, institution, by) -> DocumentDraft:
    """A pasted text, read as the task reads it."""
    (draft,) = service.add_documents([], text=text, institution=institution, by=by)
    for document in draft.documents.all():
        service.read_draft_document(document)
    draft.refresh_from_db()
    return draft


def filled(draft, **changes) -> dict:
    """What the page posts when everything is confirmed."""
    data = {f"f-{key}": draft.text_of(key) for key in draft.fields} | {f"ok-{key}": "on" for key in draft.fields}
    data |= {"is-transfer_ways": "1", "f-transfer_ways": draft.text_of("transfer_ways").split("；")}
    return data | {"non_secret": "on", "create": "1"} | changes


def test_a_file_is_stored_read_in_the_background_and_becomes_a_draft(as_office, office, institution):
    upload = SimpleUploadedFile("证书.pdf", certificate(), content_type="text/html")

    response = as_office.post(LIST, {"files": [upload]})

    draft = DocumentDraft.objects.get()
    assert response.url == reverse("document_draft", args=[draft.public_id])
    assert "正在读取" in as_office.get(response.url).text
    document = draft.documents.get()
    service.read_draft_document(document)
    service.read_draft_document(document)  # delivered twice
    page = as_office.get(response.url).text
    assert "一种核电主泵转子的装配间隙测量装置" in page
    assert "第 1 页第" in page
    assert "成果简介" in page  # a gap that a draft needs
    assert "价格" in page  # a gap that may wait
    assert not Achievement.objects.exists()
    assert [summary.number for summary in summaries_of(office) if summary.work.key == "document-drafts"] == [1]


def test_confirmed_fields_become_a_draft_with_private_originals(as_office, office, institution):
    draft = read(PAGE, institution, office)
    page = reverse("document_draft", args=[draft.public_id])
    # 500000 is asked about; the office writes what is meant.
    response = as_office.post(page, filled(draft, **{"f-price": "50 万元", "ok-price": "on"}))

    achievement = Achievement.objects.get()
    assert response.url == reverse("achievement_edit", args=[achievement.public_id])
    assert (achievement.title, achievement.lead_person, achievement.stage) == ("海带加工废水净化装置", "田丰", "middle")
    assert achievement.status == Achievement.Status.DRAFT
    assert achievement.price_min_wan == achievement.price_max_wan == 50
    assert achievement.intellectual_property.get().number == "ZL202110456789.5"
    assert "13912345678" not in achievement.summary
    assert achievement.contact is None
    edit = as_office.get(response.url).text
    document = draft.documents.get()
    assert reverse("draft_document_file", args=[document.public_id]) in edit
    assert as_office.post(page, filled(draft)).status_code == 422  # a second time makes no second one
    assert Achievement.objects.count() == 1


def test_what_is_not_confirmed_missing_or_unclear_is_named_and_nothing_is_created(as_office, office, institution):
    draft = read(PAGE, institution, office)
    page = reverse("document_draft", args=[draft.public_id])
    data = filled(
        draft, **{"f-lead_person": "", "f-price": "五百左右吧", "f-summary": "电话 13912345678，装置很好，运行稳定。"}
    )
    del data["ok-title"], data["non_secret"]

    response = as_office.post(page, data)

    assert response.status_code == 422
    text = response.text
    for sentence in (
        "“成果名称”还没有核对",
        "“负责人”没有填写",
        "意向价格（万元）",
        "手机号“1391…78”",
        "确认不涉及国家秘密",
    ):
        assert sentence in text
    assert "五百左右吧" in text  # what was typed stays
    assert not Achievement.objects.exists()


def test_a_field_that_is_cleared_stays_out_and_a_posted_unknown_field_is_ignored(as_office, office, institution):
    draft = read(PAGE, institution, office)

    as_office.post(
        reverse("document_draft", args=[draft.public_id]),
        filled(
            draft, **{"f-intellectual_property": "", "f-price": "", "f-status": "registered", "f-contact_phone": "1"}
        ),
    )

    achievement = Achievement.objects.get()
    assert not achievement.intellectual_property.exists()
    assert achievement.price_negotiable
    assert achievement.status == Achievement.Status.DRAFT


def test_a_document_that_says_little_is_enough_with_what_the_office_adds(as_office, office, institution):
    draft = read(
        "成果名称：海带加工废水净化装置\n成果简介：装置已在三家企业使用，出水浊度小于 1 NTU。", institution, office
    )
    added = {
        "institution": UNIVERSITY,
        "lead_person": "田丰",
        "form": "新装备",
        "industry": "新材料",
        "stage": "中期阶段",
    }

    as_office.post(
        reverse("document_draft", args=[draft.public_id]),
        filled(draft) | {"f-transfer_ways": ["技术许可"]} | {f"f-{key}": text for key, text in added.items()},
    )

    achievement = Achievement.objects.get()
    assert (achievement.lead_person, achievement.transfer_ways) == ("田丰", ["licence"])


# --- One achievement, several documents ------------------------------------------------------------------------------
def test_documents_of_one_achievement_are_asked_about_and_joined_only_then(as_office, office, institution):
    first = read(PAGE, institution, office)
    other = read(PAGE.replace("田丰", "田野") + "应用领域：食品加工企业。\n", institution, office)
    page = reverse("document_draft", args=[first.public_id])
    assert "都写着专利号 ZL202110456789.5" in as_office.get(page).text
    assert DocumentDraft.objects.open().count() == 2

    as_office.post(reverse("document_draft_step", args=[first.public_id]), {"action": "join", "other": other.public_id})

    first.refresh_from_db()
    assert first.documents.count() == 2
    assert first.text_of("scenario") == "食品加工企业。"
    assert first.text_of("lead_person") == "田丰"
    assert "另一份写的是“<b>田野</b>”" in as_office.get(page).text
    assert list(DocumentDraft.objects.open()) == [first]


def test_drafts_that_are_kept_apart_are_not_asked_about_again(as_office, office, institution):
    first, other = read(PAGE, institution, office), read(PAGE, institution, office)

    as_office.post(
        reverse("document_draft_step", args=[first.public_id]), {"action": "apart", "other": other.public_id}
    )

    for draft in (first, other):
        assert "是同一项成果吗" not in as_office.get(reverse("document_draft", args=[draft.public_id])).text


def test_a_patent_of_the_registry_is_told_and_the_file_may_go_to_that_item(as_office, office, institution):
    item = factories.achievement(institution=institution, title="旧装置")
    item.intellectual_property.create(kind="invention", number="202110456789.5")
    draft = read(PAGE, institution, office)
    assert "已在您单位的" in as_office.get(reverse("document_draft", args=[draft.public_id])).text

    as_office.post(
        reverse("document_draft_step", args=[draft.public_id]), {"action": "add", "achievement": item.public_id}
    )

    draft.refresh_from_db()
    assert (draft.status, draft.achievement) == ("added", item)
    assert Achievement.objects.count() == 1
    with pytest.raises(ValidationError):
        create_draft(draft, non_secret=True, by=office)


def test_another_institutions_unpublished_item_is_not_named(as_office, office, institution):
    item = factories.achievement(
        registered=False, institution=factories.institution("远海大学"), title="外校的保密题目"
    )
    item.intellectual_property.create(kind="invention", number="ZL202110456789.5")
    draft = read(PAGE, institution, office)

    text = as_office.get(reverse("document_draft", args=[draft.public_id])).text

    assert "已在库里" in text
    assert "外校的保密题目" not in text
    assert "远海大学" not in text
    with pytest.raises(PermissionDenied):
        add_to_achievement(draft, item, by=office)


# --- Attacks ---------------------------------------------------------------------------------------------------------
def test_another_institution_and_the_city_see_neither_draft_nor_file(client, office, institution):
    draft = read(PAGE, institution, office)
    document = draft.documents.get()
    stranger = factories.institution_officer(factories.institution("远海大学"))
    for user in (stranger, factories.city_officer(), factories.auditor()):
        client.force_login(user)
        assert client.get(reverse("document_draft", args=[draft.public_id])).status_code == 404
        assert client.get(reverse("draft_document_file", args=[document.public_id])).status_code == 404
    other = read(PAGE, Organisation.objects.get(name="远海大学"), stranger)
    with pytest.raises(PermissionDenied):
        join_drafts(draft, other, by=office)
    with pytest.raises(PermissionDenied):
        service.add_documents([], text=PAGE, institution=institution, by=stranger)


def test_a_secret_document_is_not_kept(office, institution):
    draft = read("成果密级：机密\n成果名称：某型装置的研制与应用情况介绍", institution, office)

    document = draft.documents.get()
    assert document.status == DraftDocument.Status.FAILED
    assert "涉密文件不能上传" in document.message
    assert not document.file


def test_markup_in_a_document_is_shown_as_text(as_office, office, institution):
    draft = read(PAGE.replace("海带加工废水净化装置", "<script>alert(1)</script>净化装置"), institution, office)

    page = as_office.get(reverse("document_draft", args=[draft.public_id])).text

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_dropped_draft_loses_its_file_and_what_was_read(
    as_office, office, institution, django_capture_on_commit_callbacks
):
    draft = read(PAGE, institution, office)
    stored = draft.documents.get().file

    with django_capture_on_commit_callbacks(execute=True):
        as_office.post(reverse("document_draft_step", args=[draft.public_id]), {"action": "drop"})

    draft.refresh_from_db()
    assert (draft.status, draft.fields) == ("dropped", {})
    assert not stored.storage.exists(stored.name)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "还没有选择文件"),
        ({"text": "太短"}, "只有 2 个字"),
        ({"files": [SimpleUploadedFile("a.pdf", b"MZ\x90")]}, "不是可以接收的类型"),
        ({"files": [SimpleUploadedFile(f"{n}.pdf", b"%PDF-1.7 x") for n in range(11)]}, "一次最多 10 份"),
    ],
)
def test_what_is_not_accepted_is_said_and_not_stored(as_office, data, message):
    response = as_office.post(LIST, data)

    assert response.status_code == 422
    assert message in response.text
    assert not DraftDocument.objects.exists()


def test_the_uploads_of_a_user_are_limited(office, institution, monkeypatch):
    monkeypatch.setattr(service, "PER_HOUR", 1)
    read(PAGE, institution, office)

    with pytest.raises(ValidationError, match="一小时内最多"):
        read(PAGE, institution, office)


# --- Second reader ---------------------------------------------------------------------------------------------------
def test_the_second_reader_fills_texts_that_the_rules_left_empty_with_quotations_that_stand(
    office, institution, settings, monkeypatch
):
    from django.core.cache import caches

    from matching.reader.page_asker import PageAsker
    from matching.services import form_proposals
    from tests.matching.reader.played_model import played_model

    caches["process"].clear()
    monkeypatch.setattr(form_proposals, "page_asker", PageAsker())
    text = PAGE + "我们的装置用了三级膜组，能回收褐藻胶。\n"
    rows = [
        {"name": "innovation", "value": "三级膜组回收褐藻胶", "quotation": "我们的装置用了三级膜组，能回收褐藻胶"},
        {"name": "economics", "value": "每年节约 900 万元", "quotation": "每年节约 900 万元"},
    ]
    with played_model() as (url, model):
        settings.READER_URL, settings.READER_MODEL, settings.READER_TIMEOUT = url, "played-72b", 5
        model.respond = model.saying(lambda data: json.dumps({"fields": rows}, ensure_ascii=False))
        draft = read(text, institution, office)
    caches["process"].clear()

    field = draft.fields["innovation"]
    assert field["text"] == "三级膜组回收褐藻胶"
    assert field["status"] == "proposed"
    assert field["place"] == "第 11 行"
    assert "economics" not in draft.fields


def test_what_was_typed_is_kept_until_later(office, institution):
    draft = read(PAGE, institution, office)

    save_typed(draft, {"title": "改过的名称", "nonsense": "x"}, {"title"}, by=office)

    assert draft.text_of("title") == "改过的名称"
    assert draft.typed == {"title": "改过的名称"}
    assert draft.confirmed == ["title"]


def test_a_lost_reading_ends_in_time_and_is_started_again(as_office, office, institution):
    (draft,) = service.add_documents([], text=PAGE, institution=institution, by=office)
    document = draft.documents.get()
    url = reverse("document_draft", args=[draft.public_id])
    assert service.mark_lost_documents() == 0, "it may still come"
    assert 'http-equiv="refresh"' in as_office.get(url).text
    polled = as_office.get(LIST).text
    assert 'hx-trigger="every' in polled and "refresh" not in polled, "the form above the list keeps what is typed"
    DraftDocument.objects.update(reading_since=timezone.now() - service.LOST_AFTER - timedelta(minutes=1))
    assert service.mark_lost_documents() == 1
    page = as_office.get(url).text
    assert "重新读" in page and 'http-equiv="refresh"' not in page
    assert 'hx-trigger="every' not in as_office.get(LIST).text
    assert [summary.number for summary in summaries_of(office) if summary.work.key == "document-drafts"] == [1]
    as_office.post(reverse("draft_document_read", args=[document.public_id]))
    document.refresh_from_db()
    assert (document.status, document.message) == ("reading", "")
    assert service.mark_lost_documents() == 0, "the time counts from the new start"
    DraftDocument.objects.update(status="lost")
    document.refresh_from_db()
    DocumentDraft.objects.update(status="dropped")
    service.read_draft_document(document)
    draft.refresh_from_db()
    assert draft.fields == {}, "a late task brings no names back into a draft that is decided"
    DocumentDraft.objects.update(status="open")
    service.read_draft_document(document)  # a task that comes late
    document.refresh_from_db()
    assert document.status == "read"


def test_a_former_value_in_the_text_is_proposed_as_the_usual_level(institution, office):
    text = PAGE.replace("成果简介：", "成果简介：冲霜由每天四次减到一次半。库温波动由五度收到1.8 ℃。").replace(
        "合作方式", "技术指标：库温波动≤2℃；露白判别正确率≥97%\n合作方式"
    )
    draft = read(text, institution, office)
    field = draft.fields["indicators"]
    assert field["text"] == "库温波动≤2℃（行业常见 5℃）；露白判别正确率≥97%"
    assert field["status"] == "proposed"
    assert "库温波动由五度收到1.8 ℃" in field["quotation"]
