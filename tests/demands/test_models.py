import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from demands.models import Demand
from tests import factories

pytestmark = pytest.mark.django_db
Status = Demand.Status


@pytest.fixture
def demands():
    """A draft, a named and an anonymous published demand each of firm A (金普新区) and firm B (高新区)."""
    made = {}
    for name, region_code in (("a", "jinpu"), ("b", "gaoxin")):
        firm = factories.firm(region_code=region_code)
        made |= {
            f"{name} firm": firm,
            f"{name} draft": factories.demand(firm=firm, published=False),
            f"{name} named": factories.demand(firm=firm),
            f"{name} masked": factories.demand(firm=firm, is_anonymous=True, public_alias="某企业"),
        }
    return made


A, B = {"a draft", "a named", "a masked"}, {"b draft", "b named", "b masked"}
PUBLISHED, NAMED = {"a named", "a masked", "b named", "b masked"}, {"a named", "b named"}


@pytest.mark.parametrize(
    "role, visible, managed, unmasked",
    [
        ("anonymous", PUBLISHED, set(), NAMED),
        ("member of nothing", PUBLISHED, set(), NAMED),
        ("institution", PUBLISHED, set(), NAMED),
        ("broker", PUBLISHED, set(), NAMED),
        ("sysadmin", PUBLISHED, set(), NAMED),
        ("firm a", PUBLISHED | A, A, NAMED | A),
        ("district a", PUBLISHED | A, A, NAMED | A),
        ("district b", PUBLISHED | B, B, NAMED | B),
        ("city", A | B, A | B, A | B),
        ("auditor", A | B, A | B, A | B),
    ],
)
def test_visible_managed_and_unmasked_demands_per_role(demands, role, visible, managed, unmasked):
    user = {
        "anonymous": AnonymousUser,
        "member of nothing": factories.user,
        "institution": factories.institution_officer,
        "broker": lambda: factories.user("broker", factories.organisation("agency")),
        "sysadmin": factories.sysadmin,
        "firm a": lambda: factories.firm_officer(demands["a firm"]),
        "district a": lambda: factories.district_officer("jinpu"),
        "district b": lambda: factories.district_officer("gaoxin"),
        "city": factories.city_officer,
        "auditor": factories.auditor,
    }[role]()
    names = {demand.pk: name for name, demand in demands.items() if isinstance(demand, Demand)}

    def titles(queryset):
        return {names[pk] for pk in queryset.values_list("pk", flat=True)}

    assert titles(Demand.objects.visible_to(user)) == visible
    assert titles(Demand.objects.managed_by(user)) == managed
    assert titles(Demand.objects.unmasked_for(user)) == unmasked


def test_an_inactive_user_sees_public_demands_only(demands):
    officer = factories.district_officer("jinpu")
    officer.is_active = False
    assert not Demand.objects.managed_by(officer).exists()


@pytest.mark.parametrize("status", list(Status))
def test_published_and_open_demands(status):
    reason = {"status_reason": "企业已自行解决"} if status in (Status.CLOSED, Status.PAUSED) else {}
    reason |= {"paused_from": "docking"} if status == Status.PAUSED else {}
    demand = factories.demand(published=False, status=status, published_at=timezone.now(), **reason)
    assert Demand.objects.published().contains(demand) == (status in Demand.SHOWN)
    assert Demand.objects.open().contains(demand) == (status in Demand.OPEN)


def test_expired_demands_are_not_public():
    today = timezone.localdate()
    last_day = factories.demand(expires_on=today)
    factories.demand(expires_on=today - timezone.timedelta(days=1))
    assert list(Demand.objects.published()) == [last_day]
