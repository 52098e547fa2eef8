"""Matches accepted before sides were asked: their sides are asked now, with the whole time to answer."""

from datetime import timedelta

from django.conf import settings
from django.db import migrations
from django.utils import timezone

CHUNK = 1000


def ask(apps, schema_editor):
    Match = apps.get_model("matching", "Match")
    FollowUp = apps.get_model("matching", "FollowUp")
    Willingness = apps.get_model("matching", "Willingness")
    due_on = timezone.localdate() + timedelta(days=settings.ANSWER_DAYS)
    while rows := Match.objects.filter(status="accepted", follow_up=None).order_by("pk")[:CHUNK]:
        made = FollowUp.objects.bulk_create(FollowUp(match=row, owner_id=row.reviewed_by_id) for row in rows)
        Willingness.objects.bulk_create(
            Willingness(follow_up=row, side=side, due_on=due_on) for row in made for side in ("firm", "office")
        )


class Migration(migrations.Migration):
    dependencies = [("matching", "0008_follow_ups")]
    operations = [migrations.RunPython(ask, migrations.RunPython.noop)]
