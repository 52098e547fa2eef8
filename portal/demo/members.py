"""Open cases of membership and of personal data: an application to join, one of a new firm, an invitation, requests."""

from accounts.models import SignUp
from members.services.invitations import invite_member
from members.services.join_requests import announce_sign_up
from members.services.memberships import appoint_administrator
from members.services.sign_ups import submit_sign_up
from portal.demo.logins import new_password
from portal.demo.people import DemoContext
from privacy.services.requests import prepare_request, submit_request
from sheets.credit_code import check_character

JOINED_FIRM, INVITING_INSTITUTION, NEW_CODE = "qiling", "dut", "91210200MADEM9001"


def load_members(demo: DemoContext) -> int:
    """Add the cases unless there are any applications. Returns how many were added."""
    if SignUp.objects.exists():
        return 0
    firm = demo.organisations[JOINED_FIRM]
    code = NEW_CODE + check_character(NEW_CODE)
    region = demo.regions["210211"]
    applications = [
        (firm.name, firm.credit_code, firm.stat_region, "qiling_yf", "宋清河", "13000000001"),
        (
            "大连示范精密传动有限公司（演示）",
            NEW_CODE + check_character(NEW_CODE),
            region,
            "jingmi",
            "卢雁回",
            "13000000002",
        ),
    ]
    for name, code, stat_region, username, person, phone in applications:
        sign_up = submit_sign_up(
            firm_name=name,
            credit_code=code,
            stat_region=stat_region,
            username=username,
            name=person,
            phone=phone,
            password=new_password(),
            consented=True,
        )
        announce_sign_up(sign_up.pk)
    institution = demo.organisations[INVITING_INSTITUTION]
    administrator = institution.memberships.administrators().select_related("user").order_by("pk")[0].user
    own_officer = institution.memberships.get(user__username=INVITING_INSTITUTION)
    if not own_officer.is_administrator:
        appoint_administrator(institution, own_officer.pk, by=administrator)
    invite_member(institution, email="invited@demo.invalid", is_administrator=False, by=administrator)
    for kind, words, by in (("access", "", administrator), ("delete", "我已离职，请删除我的姓名。", None)):
        name = by.name if by else "游子衿"
        request = submit_request(kind, name=name, unit="" if by else "澜桥阀门", words=words, by=by)
        prepare_request(request.pk)
    return len(applications) + 3
