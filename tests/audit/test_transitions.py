from threading import Barrier, Thread

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import connection

from audit.models import AuditRecord
from audit.transitions import transition
from demands.models import Demand
from tests import factories as make


def move(row: Demand, target: str, by=None) -> None:
    transition(
        row,
        when={"status": "published"},
        values={"status": target},
        refusal=lambda now: f"现在是“{now.get_status_display()}”。",
        action="测试",
        by=by,
        changes={"status": ["published", target]},
    )


def test_transition_changes_the_row_and_writes_one_record(db):
    by, demand = make.city_officer(), make.demand()
    move(demand, "docking", by=by)
    assert demand.status == Demand.Status.DOCKING
    written = AuditRecord.objects.filter(action="测试").get()
    assert (written.actor, written.changes) == (by, {"status": ["published", "docking"]})


def test_what_the_label_names_is_not_read_again_and_stale_objects_do_not_stay(db, django_assert_num_queries):
    demand = make.demand()
    match = make.match(demand=demand)
    label = str(match)
    with django_assert_num_queries(5):  # savepoint, UPDATE, SELECT, the record, release
        transition(match, when={}, values={"revision": 7}, refusal="", action="测试", by=None)
    assert (match.revision, AuditRecord.objects.get(action="测试").object_label) == (7, label)
    Demand.objects.filter(pk=demand.pk).update(title="改过的名称")
    assert match.demand.title == "改过的名称"
    other = make.demand(title="另一项需求")
    transition(match, when={}, values={"demand": other}, refusal="", action="换", by=None)
    assert "另一项需求" in AuditRecord.objects.get(action="换").object_label


def test_refused_transition_writes_nothing_and_reports_the_current_status(db):
    demand = make.demand()
    Demand.objects.filter(pk=demand.pk).update(status="tracking")
    with pytest.raises(ValidationError) as refused:
        move(demand, "docking")
    assert refused.value.messages == ["现在是“长期跟踪”。"]
    assert (demand.status, AuditRecord.objects.filter(action="测试").exists()) == ("tracking", False)


def test_condition_on_another_table_is_refused(db):
    with pytest.raises(FieldError, match="firm__name reads another table"):
        transition(make.demand(), when={"firm__name": "甲"}, values={}, refusal="", action="测试", by=None)


@pytest.mark.django_db(transaction=True)
def test_one_of_two_concurrent_transitions_wins():
    demand = make.demand()
    start, outcomes = Barrier(2), []

    def step(target):
        row = Demand.objects.get(pk=demand.pk)
        start.wait()
        try:
            move(row, target)
            outcomes.append(target)
        except ValidationError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=step, args=(target,)) for target in ("docking", "tracking")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    demand.refresh_from_db()
    assert sorted(outcomes) == sorted(["refused", demand.status])
    assert AuditRecord.objects.filter(action="测试").count() == 1
