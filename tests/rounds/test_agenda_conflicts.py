from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rounds.agenda_conflicts import AgendaEntry, AgendaPerson, find_conflicts

NINE = datetime(2026, 12, 16, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def entry(title="开场", after=0, minutes=30, **fields) -> AgendaEntry:
    start = NINE + timedelta(minutes=after)
    return AgendaEntry(title=title, starts_at=start, ends_at=start + timedelta(minutes=minutes), **fields)


def test_consecutive_items_do_not_conflict():
    everything = {"hall": (1, "报告厅"), "people": (AgendaPerson("王示例", key=1),), "parties": ((1, "甲公司"),)}
    assert find_conflicts([entry(**everything), entry("推介", after=30, **everything)]) == []


def test_hall_conflict_names_both_items_and_their_times():
    (sentence,) = find_conflicts([entry("推介", after=10, hall=(1, "报告厅")), entry(hall=(1, "报告厅"))])
    assert sentence == "“开场”（09:00–09:30）和“推介”（09:10–09:40）都在报告厅，请换场地或错开时间。"
    assert find_conflicts([entry(hall=(1, "报告厅")), entry("推介", hall=(2, "二厅"))]) == []


def test_same_achievement_cannot_be_pitched_twice_at_once():
    achievement = (7, "正极材料")
    (sentence,) = find_conflicts(
        [entry(achievement=achievement, hall=(1, "甲")), entry("再推", achievement=achievement, hall=(2, "乙"))]
    )
    assert "都推介“正极材料”" in sentence


def test_guest_list_people_are_compared_by_row_not_by_name():
    mine, other = AgendaPerson("王示例", "甲大学", key=1), AgendaPerson("王示例", "乙大学", key=2)
    assert find_conflicts([entry(people=(mine,)), entry("推介", people=(other,))]) == []
    (sentence,) = find_conflicts([entry(people=(mine,)), entry("推介", people=(mine,))])
    assert sentence.startswith("王示例要同时参加“开场”")


def test_external_speakers_are_compared_by_name_and_organisation():
    listed = AgendaPerson("李示例", "大连甲大学", key=3)
    assert find_conflicts([entry(people=(listed,)), entry("推介", people=(AgendaPerson("李示例"),))])
    assert find_conflicts([entry(people=(listed,)), entry("推介", people=(AgendaPerson("李示例", "甲大学"),))])
    assert not find_conflicts([entry(people=(listed,)), entry("推介", people=(AgendaPerson("李示例", "市科技局"),))])


def test_whole_party_conflicts_with_its_single_people():
    whole, part = entry(parties=((1, "甲公司"),)), entry("推介", party_of=((1, "甲公司"),))
    for pair in ([whole, part], [part, whole], [whole, entry("推介", parties=((1, "甲公司"),))]):
        (sentence,) = find_conflicts(pair)
        assert sentence.startswith("甲公司要同时参加") and "指定各自的参会人员" in sentence
    assert find_conflicts([part, entry(party_of=((1, "甲公司"),))]) == []
