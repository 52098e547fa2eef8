import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from demands.models import Demand
from tests import factories

pytestmark = pytest.mark.django_db
Status = Demand.Status


@pytest.fixture
def demands():
    """Of firm A (金普新区) and firm B (高新区): a draft, a named and an anonymous published one each."""
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
def test_who_sees_which_and_knows_whose(demands, role, visible, managed, unmasked):
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

    def found(queryset):
        return {names[pk] for pk in queryset.values_list("pk", flat=True)}

    assert found(Demand.objects.visible_to(user)) == visible
    assert found(Demand.objects.managed_by(user)) == managed
    assert found(Demand.objects.unmasked_for(user)) == unmasked


def test_a_switched_off_user_sees_what_everybody_sees(demands):
    officer = factories.district_officer("jinpu")
    officer.is_active = False
    assert not Demand.objects.managed_by(officer).exists()


@pytest.mark.parametrize("status", list(Status))
def test_what_is_public_and_what_takes_part(status):
    reason = {"status_reason": "企业已自行解决"} if status == Status.CLOSED else {}
    demand = factories.demand(published=False, status=status, published_at=timezone.now(), **reason)
    assert Demand.objects.published().contains(demand) == (status in Demand.SHOWN)
    assert Demand.objects.open().contains(demand) == (status in Demand.OPEN)


def test_what_has_run_out_is_not_shown():
    today = timezone.localdate()
    last_day = factories.demand(expires_on=today)
    factories.demand(expires_on=today - timezone.timedelta(days=1))
    assert list(Demand.objects.published()) == [last_day]
