"""Check of a guest list. Reads the file, organisations and guest lists; writes nothing."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied

from accounts.models import Organisation, User
from rounds.columns import guest_columns
from rounds.models import DockingRound, Party
from rounds.services.guests import manages_guest
from rounds.services.invitation_answers import MAX_ATTENDEES
from sheets.cells import fold
from sheets.checking import SheetReport, check_rows
from sheets.reading import read_workbook
from sheets.writing import write_template


@dataclass
class GuestRow:
    """The content of a valid row."""

    number: int
    organisation: Organisation
    docking_round_id: int
    team: str
    person: str
    position: str

    @property
    def party(self) -> tuple[int, int, str]:
        return self.docking_round_id, self.organisation.pk, self.team


@dataclass
class GuestImportPlan:
    report: SheetReport
    rows: list[GuestRow]

    @property
    def ok(self) -> bool:
        return self.report.ok

    @property
    def errors(self) -> list:
        return self.report.errors


def check_guests(content, filename: str, *, by: User, only_own: bool = False) -> SheetReport:
    """Check a guest list with one row for each person.

    Organisations must be registered; for district staff, rows of other districts' firms are errors, or are left out
    with `only_own`. Raises UnreadableSheet, PermissionDenied.
    """
    return plan_guests(content, filename, by=by, only_own=only_own).report


def plan_guests(content, filename: str, *, by: User, only_own: bool = False) -> GuestImportPlan:
    """As `check_guests`, with the rows that an import would write."""
    if not (by.scope.is_city or by.scope.is_district):
        raise PermissionDenied("参会名单由区市县和市级专员导入。")
    rounds = list(DockingRound.objects.open().order_by("starts_at"))
    sheet = read_workbook(content, guest_columns(rounds), filename=filename)
    report = check_rows(sheet)
    known = _OrganisationIndex(row.values for row in report.rows)
    rows, left_out = [], 0
    for row in report.rows:
        round_id = row.values.get("round") or (rounds[0].pk if len(rounds) == 1 else None)
        organisation = known.find(row.values)
        if organisation and not manages_guest(by, organisation):
            organisation = None  # a district does not learn who is in the registry elsewhere
        if organisation is None and only_own:
            left_out += 1
            continue
        if round_id is None:
            report.add(row.number, "round", "现在没有可以登记参会名单的活动" if not rounds else "请填写活动名称")
        if _check_row(report, row, organisation, by) and round_id:
            values = row.values
            rows.append(
                GuestRow(row.number, organisation, round_id, values["team"], values["person"], values["position"])
            )
    if left_out:
        report.notices.append("有 %(count)s 行不属于本区或不在名录中，没有列入。" % {"count": left_out})
    _check_numbers(report, rows)
    faulty = {problem.row for problem in report.errors}
    return GuestImportPlan(report, [row for row in rows if row.number not in faulty])


def guest_template() -> bytes:
    """Return the .xlsx template of a guest list."""
    rounds = list(DockingRound.objects.open().order_by("starts_at"))
    notes = ["红色列必填。一人一行，同一单位写几行；还没有定人的写一行，人员留空。请不要填写手机号和身份证号。"]
    return write_template("参会名单", guest_columns(rounds), notes=notes)


class _OrganisationIndex:
    """The organisations of all rows, by credit code or name, in one query."""

    def __init__(self, rows) -> None:
        rows = list(rows)
        names = {row["name"] for row in rows if row["name"]}
        codes = {row["credit_code"] for row in rows if row["credit_code"]}
        named = Organisation.objects.filter(name__in=names) | Organisation.objects.filter(credit_code__in=codes)
        organisations = list(named)
        self._by_name = {fold(organisation.name): organisation for organisation in organisations}
        self._by_code = {
            organisation.credit_code: organisation for organisation in organisations if organisation.credit_code
        }

    def find(self, row: dict) -> Organisation | None:
        if row["credit_code"] and (organisation := self._by_code.get(row["credit_code"])):
            return organisation
        return self._by_name.get(fold(row["name"])) if row["name"] else None


def _unknown(by: User) -> str:
    if by.scope.is_city:
        return "平台上没有这家单位，请核对全称，或先在“单位”中登记"
    return "本区市县的名录中没有这家企业，请核对全称或先登记。其他区市县的企业和院校由市级专员列入，请删去这一行"


def _check_row(report: SheetReport, row, organisation: Organisation | None, by: User) -> bool:
    name = row.values["name"]
    if not name:
        return False
    if organisation is None:
        report.add(row.number, "name", _unknown(by))
    elif fold(organisation.name) != fold(name):
        report.add(
            row.number, "credit_code", "已登记在“%(known)s”名下，请核对名称或代码" % {"known": organisation.name}
        )
    elif organisation.kind not in (Organisation.Kind.FIRM, Organisation.Kind.INSTITUTION):
        report.add(
            row.number, "name", "是%(kind)s，参会单位只能是企业或院校" % {"kind": organisation.get_kind_display()}
        )
    elif organisation.kind == Organisation.Kind.FIRM and row.values["team"]:
        report.add(row.number, "team", "只有院校分团队参加，企业请留空")
    elif row.values["position"] and not row.values["person"]:
        report.add(row.number, "person", "填了职务，请把姓名也填上")
    else:
        return True
    return False


def _check_numbers(report: SheetReport, rows: list[GuestRow]) -> None:
    """Check for duplicate people and for the maximum of people per party, including those already listed."""
    people: dict[tuple, set[str]] = {}
    for party in Party.objects.filter(
        docking_round__in={row.docking_round_id for row in rows}, organisation__in={row.organisation.pk for row in rows}
    ).prefetch_related("attendees"):
        people[party.docking_round_id, party.organisation_id, party.team] = {
            attendee.name for attendee in party.attendees.all()
        }
    seen: dict[tuple, int] = {}
    for row in rows:
        key = (*row.party, row.person)
        if row.person and key in seen:
            report.add(row.number, "person", "与第 %(row)s 行是同一个人，请删去一行" % {"row": seen[key]})
        seen.setdefault(key, row.number)
        if row.person:
            names = people.setdefault(row.party, set())
            names.add(row.person)
            if len(names) > MAX_ATTENDEES:
                report.add(row.number, "person", "一个单位最多登记 %(most)s 人" % {"most": MAX_ATTENDEES})
