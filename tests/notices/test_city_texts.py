"""The texts that are sent: each is declared once, the city words it for everybody, and a bad wording is refused."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from audit.models import AuditRecord
from challenges.services.publication import add_addendum
from demands.services.notifications import notify_returned
from mandates.services.mandates import end_mandate
from notices.models import CityText, Delivery, Notice
from notices.services.city_texts import reset_city_text, save_city_text
from notices.texts.checks import check_wording
from notices.texts.declared import sent_texts, text_of_key
from notices.texts.fields import FIELD
from notices.texts.writing import TextWriter, Wording, wording_of, wordings_read_once, write_text
from tests import factories as make
from tests.challenges import calls
from tests.test_architecture import sources

pytestmark = pytest.mark.django_db
KEY = "rounds.talks"
BODY = "{单位}：\n请在这里答复：{洽谈链接}"


def test_built_in_texts_pass_the_checks_of_the_citys_own_and_leave_no_placeholder():
    for text in sent_texts():
        check_wording(text, subject=text.subject, body=text.body, line=text.line)
        written = TextWriter(text.key, Wording(text.subject, text.body, text.line)).write(text.examples)
        assert not FIELD.search(written.subject + written.body + written.line), text.key
        used = set(FIELD.findall(text.subject + text.body + text.line))
        assert text.key.startswith("rounds.") or used == set(text.placeholders), text.key


@pytest.mark.long
def test_every_mail_is_written_from_a_declared_text_but_those_of_security():
    """Who sends a mail with words of its own, which the city cannot change, fails here."""
    senders = [
        path
        for path in sources("*.py")
        if path.relative_to(settings.BASE_DIR).parts[0] not in {"tests", "authentication", "notices"}
        and re.search(r"\bSingleMail\(|\bGuestText\(|\bEmailMessage\(|\bsend_mail\(", path.read_text(encoding="utf-8"))
    ]
    assert len(senders) > 10
    names = {path.relative_to(settings.BASE_DIR).as_posix() for path in senders}
    writers = re.compile(r"notices\.texts\.writing|LetterWriter|write_letter")
    without = {name for name in names if not writers.search(Path(settings.BASE_DIR, name).read_text(encoding="utf-8"))}
    assert without == {"rounds/services/guest_messages.py"}  # it sends what the others have written


def test_the_city_words_a_text_in_versions_and_goes_back():
    city, text = make.city_officer(), text_of_key(KEY)
    values = {"单位": "大连{活动}厂", "活动": "对接会", "洽谈链接": "https://site/x"}
    save_city_text(text, Wording("请答复\n{活动}", BODY, "请答复“{活动}”"), by=city)
    written = write_text(KEY, values)
    assert (written.subject, written.line) == ("请答复 对接会", "请答复“对接会”")  # one line, whatever was typed
    assert written.body == "大连{活动}厂：\n请在这里答复：https://site/x"
    assert AuditRecord.objects.get(action="更改发出的文字").changes["text_version"][1] == "请接受洽谈 第 1 版"
    first = CityText.objects.get()
    reset_city_text(text, by=city)
    assert wording_of(KEY, at=first.made_at).line == "请答复“{活动}”"  # of what was sent then and is shown again
    assert "双方都接受" in write_text(KEY, values).body and CityText.objects.count() == 2
    with pytest.raises(ValidationError, match="平台自带"):
        reset_city_text(text, by=city)
    with pytest.raises(PermissionDenied):
        save_city_text(text, Wording("", BODY, "请答复"), by=make.district_officer())


@pytest.mark.parametrize(
    ("wording", "field", "words"),
    [
        (Wording("请答复", "", "请答复"), "body", "“请接受洽谈”的正文不能为空"),
        (Wording("请答复", "{单位}：请答复", "请答复"), "body", "正文里还要有{洽谈链接}"),
        (Wording("请答复", "您好\n{公司}：{洽谈链接}", "请答复"), "body", "正文第 2 行：没有“{公司}”"),
        (Wording("请答复", BODY + "\n请看 http://evil.example", "请答复"), "body", "第 3 行：不能写网址"),
        (Wording("请看 evil.com", BODY, "请答复"), "subject", "标题：不能写网址“evil.com”"),
        (Wording("请答复", BODY, " "), "line", "短信和平台消息不能为空"),
    ],
)
def test_a_wording_that_misleads_or_lacks_something_is_refused_by_field(wording, field, words):
    with pytest.raises(ValidationError) as refusal:
        save_city_text(text_of_key(KEY), wording, by=make.city_officer())
    assert words in refusal.value.message_dict[field][0]
    assert not CityText.objects.exists()


def test_the_city_words_the_one_sentence_of_a_notice(signed_in):
    demand = make.demand(title="厚板自动焊接")
    firm, client = make.firm_officer(demand.firm), signed_in(make.city_officer())
    address = reverse("admin:notices_text", args=["demands.returned"])
    for body, words in (("请看\n{需求}", "写在一行里"), ("请修改", "还要有{需求}"), ("{需求}" + "请" * 200, "200")):
        refused = client.post(address, {"body": body, "deed": "save"})
        assert refused.status_code == 422 and words in refused.text, body
    shown = client.post(address, {"body": "“{需求}”请修改后再提交。", "deed": "preview"}).text
    assert "“厚板自动焊接”请修改后再提交。" in shown and "发一封给自己" not in shown
    client.post(address, {"body": "“{需求}”请修改后再提交。", "deed": "save"})
    notify_returned(demand)
    assert Notice.objects.get(recipient=firm).text == "“厚板自动焊接”请修改后再提交。"


def test_many_steps_together_read_a_wording_once_and_the_next_one_reads_it_anew(django_assert_num_queries):
    built_in = TextWriter(KEY).wording
    with wordings_read_once(), django_assert_num_queries(1):
        assert [TextWriter(KEY).wording for _ in range(3)] == [built_in] * 3
    save_city_text(text_of_key(KEY), Wording("请答复", BODY, "请答复"), by=make.city_officer())
    assert TextWriter(KEY).wording.is_citys
    with wordings_read_once():
        assert TextWriter(KEY).wording.is_citys


def test_calls_and_mandates_are_told_in_the_citys_words():
    people, mandate = calls.city(), make.mandate()
    city, call, agent = people.city, calls.published(people, closes_at=make.noon(20)), mandate.broker.user
    own = {
        "challenges.addendum": "{榜单号} 补充：{内容}",
        "mandates.ended_with_reason": "{哪一方}不再继续“{委托}”，因为{原因}。",
    }
    for key, body in own.items():
        save_city_text(text_of_key(key), Wording("", body, ""), by=city)
    add_addendum(call, text="试验场地由企业提供", by=city)
    assert Notice.objects.filter(recipient=people.owner, text=f"{call.list_number} 补充：试验场地由企业提供").exists()
    end_mandate(mandate, reason="改由院所自己谈", by=mandate.proposed_by)
    assert Notice.objects.filter(recipient=agent, text=f"委托方不再继续“{mandate}”，因为改由院所自己谈。").exists()


@pytest.mark.parametrize("app", ["challenges", "mandates", "brokerage"])
def test_every_declared_text_is_written_by_its_app(app):
    """Who declares a text that nobody sends, or sends one under another name, fails here."""
    paths = [path for path in Path(settings.BASE_DIR, app).rglob("*.py") if path.name != "sent_texts.py"]
    source = "".join(path.read_text(encoding="utf-8") for path in paths)
    names = [text.key.removeprefix(f"{app}.") for text in sent_texts() if text.key.startswith(f"{app}.")]
    assert len(names) > 10
    quoted = {name: (f'"{name}"', f'"{app}.{name}"', f'"{name.removeprefix("commission_")}"') for name in names}
    assert not [name for name, forms in quoted.items() if not any(form in source for form in forms)]


def test_the_page_previews_tests_and_saves_what_stands_in_the_form(signed_in):
    city = make.city_officer(email="me@example.cn")
    client, address = signed_in(city), reverse("admin:notices_text", args=[KEY])
    posted = {"subject": "请答复", "body": BODY + "\n联系 office@example.cn <b>", "line": "请答复"}
    page = client.post(address, posted | {"deed": "preview"})
    assert page.status_code == 200 and "示例机械有限公司：" in page.text and "&lt;b&gt;" in page.text
    assert not CityText.objects.exists()
    client.post(address, posted | {"deed": "test"})
    mail = Delivery.objects.get()
    assert mail.address == "me@example.cn" and mail.subject == "（试发）请答复" and "<b>" in mail.body
    page = client.post(address, posted | {"body": "没有链接", "deed": "save"})
    assert page.status_code == 422 and "还要有{洽谈链接}" in page.text and "没有链接" in page.text
    assert client.post(address, posted | {"deed": "save"}).status_code == 302
    assert "全市的文字，第 1 版" in client.get(reverse("admin:notices_texts")).text
    assert "账号安全的邮件" in client.get(reverse("admin:notices_texts")).text
    assert client.get(reverse("admin:notices_text", args=["rounds.nothing"])).status_code == 404
