"""Undertakings of the demo's institutions, a file of a demand, and who has read the demands with a teaser."""

import io

from PIL import Image, ImageDraw

from accounts.models import Organisation, Role, User
from demands.models import Demand, DemandFile, DemandReading, Undertaking
from demands.services.files import add_demand_file
from demands.services.reading_records import record_reading
from demands.services.undertakings import sign_undertaking
from portal.demo.people import DemoContext

SIGNING_INSTITUTIONS = 4
READINGS = 3


def load_disclosures(demo: DemoContext) -> None:
    """Sign undertakings, attach a drawing to the first demand with a teaser, and read the demands. Runs once."""
    if Undertaking.objects.exists():
        return
    demands = list(Demand.objects.published().filter(disclosure=Demand.Disclosure.TEASER).order_by("pk"))
    signers: list[User] = []
    for institution in Organisation.objects.institutions().order_by("pk"):
        # The officer of several institutions has the first membership of each.
        membership = institution.memberships.filter(role=Role.INSTITUTION).order_by("-pk").first()
        if membership and len(signers) < SIGNING_INSTITUTIONS:
            sign_undertaking(institution, by=membership.user, has_read=True)
            signers.append(membership.user)
    for demand in demands[:1]:
        owner = demand.firm.memberships.filter(role=Role.FIRM).order_by("pk")[0].user
        audience = DemandFile.Audience.UNDERTAKING
        add_demand_file(demand, content=_drawing(), name="现场工况示意图.png", audience=audience, by=owner)
    for demand in demands:
        for reader in signers[:READINGS]:
            record_reading(demand, DemandReading.Step.DETAILS, by=reader)


def _drawing() -> bytes:
    """A sketch of a shaft in its bearings; without text, because no font is needed for it."""
    picture = Image.new("RGB", (1200, 800), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((150, 380, 1050, 420), outline="black", width=4)
    for left in (300, 800):
        draw.rectangle((left, 300, left + 100, 500), outline="black", width=4)
        for top in (310, 440):
            draw.ellipse((left + 25, top, left + 75, top + 50), outline="black", width=4)
    draw.line((100, 400, 1100, 400), fill="gray", width=2)
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()
