"""A published demand of which only the teaser is public, with a detail, an indicator and files."""

import io

from PIL import Image
from pypdf import PdfReader, PdfWriter

from demands.models import Demand, DemandFile, DemandIndicator
from demands.services.files import add_demand_file
from demands.services.undertakings import sign_undertaking
from tests import factories

SECRET = "离子渗氮温度五百二十度"
"""Words that stand only in the details."""


def pdf(pages: int = 1) -> bytes:
    writer = PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(width=300, height=400)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def image(kind: str = "PNG") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(target, kind)
    return target.getvalue()


def pdf_text(content: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def teaser_demand(**fields) -> Demand:
    values = {
        "title": "提高轴承寿命的热处理工艺",
        "problem": f"现用{SECRET}，寿命不稳定。",
        "goal": f"寿命提高一倍，{SECRET}不变",
        "conditions": f"有{SECRET}的炉子",
        "disclosure": Demand.Disclosure.TEASER,
        "teaser": "寻找提高轴承寿命的表面热处理办法。",
    } | fields
    made = factories.demand(**values)
    DemandIndicator.objects.create(demand=made, name="接触疲劳寿命", value="8000", unit="h", condition=SECRET, order=1)
    return made


def stored_file(demand: Demand, by, *, audience: str = DemandFile.Audience.UNDERTAKING, name: str = "图纸.pdf"):
    return add_demand_file(demand, content=pdf(2), name=name, audience=audience, by=by)


def signed_officer(institution=None, **fields):
    """An institution's officer after the undertaking."""
    officer = factories.institution_officer(institution, **fields)
    [organisation] = [row.organisation for row in officer.memberships.all()]
    sign_undertaking(organisation, by=officer, has_read=True)
    return officer
