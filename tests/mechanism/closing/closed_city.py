"""A small city whose last year is closed: two city officers, contracts of twelve firms, a fund."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

from django.utils import timezone

from mechanism.models import FigureVersion, Fund
from mechanism.services.closing import check_month, sign_version
from tests import factories as make

YEAR = timezone.localdate().year - 1
DECEMBER = f"{YEAR}-12"


def build_city(*, firms: int = 12) -> SimpleNamespace:
    office = make.organisation("city", "大连市科学技术局")
    city = SimpleNamespace(
        checker=make.user("city_officer", office, name="核对人"),
        signer=make.user("city_officer", office, name="签发人"),
        seller=make.institution(),
    )
    city.contracts = make.contracts(
        {
            "seller": city.seller,
            "buyer": make.firm(f"大连买方{number}有限公司"),
            "seller_region": make.region("jinpu" if number % 2 else "gaoxin"),
            "amount_wan": Decimal(1000 + 10 * number),
            "tech_amount_wan": None,
            "registered_on": date(YEAR, 1 + number % 12, 10),
        }
        for number in range(firms)
    )
    city.fund = Fund.objects.create(
        name="演示基金", kind="angel", manager="示例", subscribed_wan=50000, valid_from=date(2024, 1, 1)
    )
    return city


def close(city: SimpleNamespace, month: str = DECEMBER, **options) -> FigureVersion:
    """Checked by one officer, signed by the other."""
    version = check_month(month, by=city.checker, **options)
    sign_version(version, by=city.signer, content_hash=version.content_hash)
    return version
