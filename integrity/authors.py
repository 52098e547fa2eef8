"""Who wrote or registered records: for recusal, and for officers who are parties."""

from collections import defaultdict

from django.db.models import QuerySet

from audit.models import AuditRecord
from deals.models import Contract

WRITING_ACTIONS = ("认定登记技术合同", "填报技术合同", "修改技术合同", "登记名单导入")


def authors_of_contracts(rows: QuerySet[Contract]) -> dict[int, set[int]]:
    """{contract: users who wrote or registered it}: from the trail, and who uploaded its list. Two queries."""
    authors: dict[int, set[int]] = defaultdict(set)
    records = AuditRecord.objects.filter(
        object_type=Contract._meta.label_lower, action__in=WRITING_ACTIONS, actor__isnull=False
    )
    for written, actor in records.order_by().values_list("object_id", "actor_id"):
        authors[int(written)].add(actor)
    for pk, user in rows.exclude(source_file=None).order_by().values_list("pk", "source_file__uploaded_by_id"):
        authors[pk].add(user)
    return authors
