"""The pages of the city and the districts about guests: proposals by theme with a preview, outbox, calls, letters."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from notices.models import CityText
from rounds.models import GuestMessage, GuestTerms, Party
from rounds.services.guest_proposals import propose_guests
from rounds.services.guests import invite_parties
from taxonomy.models import Industry
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def test_a_seafood_round_proposes_seafood_firms(signed_in):
    seafood = Industry.objects.create(slug="haiyang-shipin", name="海洋食品与生物")
    rail = Industry.objects.create(slug="guidao", name="轨道交通装备")
    docking_round = make.docking_round(themes="生命健康、海洋食品")
    fisher, engine, by_title = make.firm("大连海参公司"), make.firm("大连机车公司"), make.firm("大连冷链公司")
    make.demand(firm=fisher, industry=seafood)
    strong = make.demand(firm=engine, industry=rail)
    make.demand(firm=by_title, title="海洋食品冷链保鲜")
    city = make.city_officer()
    make.match(demand=strong, status="accepted", reviewed_by=city, reviewed_at=timezone.now())
    proposals = [each for each in propose_guests(docking_round, city) if each.side == "firm"]
    assert [each.organisation for each in proposals][-1] == engine  # its accepted match does not make it seafood
    assert {each.organisation for each in proposals if each.is_on_theme} == {fisher, by_title}
    assert proposals[0].reasons[0] == "1 项需求属于本次主题"
    page = signed_in(city).get(reverse("admin:rounds_proposals"), {"round": docking_round.public_id}).text
    assert "海参" in page and not re.search(r'name="organisation"[^>]*\bchecked', page)


def test_who_was_left_out_last_time_is_proposed_before_others():
    last = make.docking_round()
    type(last).objects.filter(pk=last.pk).update(
        starts_at=timezone.now() - timezone.timedelta(days=30), ends_at=timezone.now() - timezone.timedelta(days=29)
    )
    make.timetable(last)
    alone, fresh = make.firm("大连空手公司"), make.firm("大连新来公司")
    make.party(last, alone)
    for firm in (fresh, alone):
        make.demand(firm=firm)
    proposals = propose_guests(make.docking_round(), make.city_officer())
    assert [each.organisation for each in proposals] == [alone, fresh]
    assert proposals[0].reasons[-1] == "上次来了没有排上洽谈"


def test_inviting_shows_whom_how_and_what_before_it_sends(signed_in):
    docking_round, city = make.docking_round(), make.city_officer()
    mailed, called = make.demand(firm=make.firm()).firm, make.demand(firm=make.firm()).firm
    make.contact(mailed, email="contact@example.cn")
    client, address = signed_in(city), reverse("admin:rounds_proposals")
    chosen = {"round": docking_round.public_id, "organisation": [mailed.public_id, called.public_id]}
    page = client.post(address, chosen | {"deed": "preview"}).text
    assert "2 家：发邮件 1 家，要打电话 1 家" in page and f"{mailed.name}：" in page and "还没有联系电话" in page
    assert not Party.objects.exists() and not GuestMessage.objects.exists()
    answer = client.post(address, chosen | {"deed": "send"}, follow=True).text
    assert "已邀请 2 家：发邮件 1 家，要打电话 1 家" in answer
    assert Party.objects.filter(answer="invited").count() == GuestMessage.objects.count() == 2
    district = signed_in(make.district_officer("gaoxin"))
    assert district.post(address, chosen | {"deed": "preview"}).status_code == 403


def test_the_button_of_a_reminder_names_whom_it_reminds(signed_in):
    docking_round, city = make.docking_round(), make.city_officer()
    long_ago = timezone.now() - timezone.timedelta(days=9)
    team = make.party(docking_round, make.institution(), answer="invited", invited_at=long_ago)
    make.party(docking_round, answer="invited", invited_at=long_ago)
    make.party(docking_round, answer="invited")  # invited today: not reminded
    client = signed_in(city)
    board = client.get(reverse("admin:rounds_board"), {"round": docking_round.public_id}).text
    number = re.search(r"提醒未答复的 (\d+) 家", board)
    address, posted = reverse("admin:rounds_remind_guests"), {"round": docking_round.public_id}
    shown = client.post(address, posted | {"deed": "preview"}).text
    assert "提醒 2 家：要打电话 2 家" in shown and team.full_name in shown and team.code not in shown
    assert "我们还没有收到贵单位的答复" in shown and not GuestMessage.objects.exists()
    done = client.post(address, posted | {"deed": "send"}, follow=True).text
    assert number and number[1] == "2" and "已提醒 2 家：要打电话 2 家" in done
    outbox = client.get(reverse("admin:rounds_outbox", args=[docking_round.pk])).text
    assert "提醒答复 2 家" in outbox and team.full_name in outbox and team.code not in outbox


def test_who_is_asked_to_accept_talks_is_shown_before(signed_in):
    docking_round = make.docking_round()
    firm, team = make.party(docking_round), make.party(docking_round, make.institution())
    make.meeting(firm, team, institution_word="asked")
    client, address = signed_in(make.city_officer()), reverse("admin:rounds_talks", args=[docking_round.pk])
    shown = client.post(address, {"deed": "preview"}).text
    assert f"{team.full_name}：" in shown and firm.full_name not in shown and team.code not in shown
    assert "请这 1 家答复" in shown and not GuestMessage.objects.exists()
    assert "已请 1 家：要打电话 1 家" in client.post(address, {"deed": "ask"}, follow=True).text
    assert "今天都问过了" in client.post(address, {"deed": "preview"}, follow=True).text


def test_a_call_from_the_list_to_its_outcome(signed_in):
    docking_round, city = make.docking_round(), make.city_officer()
    party = make.party(docking_round, answer="listed")
    contact = make.contact(party.organisation, name="端木某", phone="13812345678")
    silent = make.contact(party.organisation, name="不同意", phone="13900000000", consented_at=None)
    invite_parties([party], by=city)
    client = signed_in(city)
    calls = client.get(reverse("admin:rounds_calls", args=[docking_round.pk])).text
    address = reverse("admin:rounds_call", args=[GuestMessage.objects.get().public_id])
    assert "还要打 1 家" in calls and address in calls
    page = client.get(address).text
    assert "138****5678" in page and "13812345678" not in page and party.code in page
    assert "13812345678" in client.post(address, {"deed": "open", "contact": contact.pk}).text
    assert "没有同意" in client.post(address, {"deed": "open", "contact": silent.pk}).text
    assert "请选择电话的结果" in client.post(address, {"deed": "record", "outcome": "?"}).text
    done = client.post(address, {"deed": "record", "outcome": "coming", "note": "两人"})
    assert done.url == reverse("admin:rounds_party_answer", args=[party.pk])
    assert "已打 1 家" in client.get(reverse("admin:rounds_calls", args=[docking_round.pk])).text
    auditor = signed_in(make.auditor()).get(address).text
    assert party.code not in auditor and "13812345678" not in auditor


def test_the_city_edits_a_letter_with_preview(signed_in):
    docking_round = make.docking_round()
    client = signed_in(make.city_officer())
    address = reverse("admin:rounds_letters", args=[docking_round.pk]) + "?kind=chat"
    wrong = client.post(address, {"deed": "save", "body": "请答复 {网址}"})
    assert wrong.status_code == 422 and "没有“{网址}”这个占位符" in wrong.text
    shown = client.post(address, {"deed": "preview", "body": "{单位}请点 {答复链接}"}).text
    assert "示例机械有限公司请点 " in shown and "平台自带的文字" in shown
    client.post(address, {"deed": "save", "body": "{单位}请点 {答复链接}"})
    assert "本次活动自己的文字" in client.get(address).text
    terms = {"deed": "terms", "terms-contact_name": "会务组", "terms-contact_phone": "0411-0000000"}
    client.post(address, terms)
    assert GuestTerms.objects.get().contact_phone == "0411-0000000"
    assert "现在用平台自带的文字" in client.post(address, {"deed": "reset"}, follow=True).text


def test_the_citys_letter_is_test_printed_before_it_is_saved(signed_in):
    client, address = signed_in(make.city_officer()), reverse("admin:notices_text", args=["rounds.letter"])
    body = "请柬正文：{地点}，{时间}，{答复截止}前答复，{联系电话}"
    paper = client.post(address, {"deed": "print", "subject": "请柬", "body": body})
    assert paper["Content-Type"] == "application/pdf" and paper.content.startswith(b"%PDF")
    refused = client.post(address, {"deed": "print", "subject": "请柬", "body": "没有时间"})
    assert refused.status_code == 422 and "还要有{时间}" in refused.text and not CityText.objects.exists()
