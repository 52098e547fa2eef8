"""The undertaker that was a text becomes a row; who works with the agenda and the papers."""

from accounts.roles import grant
from django.db import migrations

READ = [
    *("view_agendaitem", "view_hall", "view_slot", "view_organiser", "view_rounddocument", "view_paper"),
]
WRITE = [
    *("add_agendaitem", "change_agendaitem", "add_hall", "change_hall", "add_slot", "change_slot"),
    *("add_organiser", "change_organiser", "add_rounddocument", "change_rounddocument", "add_paper"),
]


def fill(apps, schema_editor):
    Organiser = apps.get_model("docking", "Organiser")
    for row in apps.get_model("docking", "DockingRound").objects.exclude(undertaker=""):
        Organiser.objects.get_or_create(docking_round=row, role="undertaker", name=row.undertaker)
    district = ["view_agendaitem", "view_paper", "add_paper", "view_rounddocument"]
    grant(apps, "docking", {"city_officer": READ + WRITE, "district_officer": district, "auditor": READ})


def back(apps, schema_editor):
    for row in apps.get_model("docking", "Organiser").objects.filter(role="undertaker").order_by("-order", "-pk"):
        name = row.organisation.name if row.organisation else row.name
        apps.get_model("docking", "DockingRound").objects.filter(pk=row.docking_round_id).update(undertaker=name)


class Migration(migrations.Migration):
    dependencies = [("docking", "0005_round_agenda_and_papers")]
    operations = [migrations.RunPython(fill, back)]
