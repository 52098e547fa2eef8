"""The copy of a person's data has what was written here; deleting a broker ends the mandates and empties the page."""

from brokerage.models import Profile
from brokerage.services.help_requests import ask_for_help
from mandates.models import Mandate
from privacy.own_texts import own_texts
from privacy.services.erasure import ERASERS
from tests import factories as make


def test_the_copy_has_requests_and_mandates(db):
    firm, broker = make.firm(), make.broker_account()
    officer = make.firm_officer(firm)
    ask_for_help(asker=firm, by=officer, text="想找轴承热处理技术。", agent=broker)
    make.mandate(firm, broker, proposed_by=officer, purpose="联系院所")
    assert {("帮我找", "想找轴承热处理技术。"), ("委托", "联系院所")} <= {
        (kind, text) for kind, _a, _b, text in own_texts(officer)
    }


def test_a_deleted_broker_acts_for_nobody_and_leaves_no_introduction(db):
    firm, broker = make.firm(), make.broker_account()
    mandate = make.mandate(firm, broker)
    Profile.objects.create(broker=broker, introduction="从业二十年。")
    ERASERS["broker"](broker, broker.name, make.city_officer())
    mandate.refresh_from_db()
    assert (mandate.status, Mandate.objects.held_by(broker.user).in_force().exists()) == ("ended", False)
    assert Profile.objects.get().introduction == ""
    assert mandate.proposed_by.notices.filter(text__contains="已注销").exists()
