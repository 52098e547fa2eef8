"""Who lives in the demo city: its organisations and the people who can sign in."""

from dataclasses import dataclass, field

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Organisation, Region, Role, User
from accounts.services.contacts import ContactDetails, keep_contacts
from accounts.services.members import add_member
from audit.services import record, record_many
from portal.demo.city import rows
from portal.demo.logins import START_PAGE, new_password, quick_hash

KINDS = {
    "authorities": None,  # its rows say which of the two they are
    "institutions": Organisation.Kind.INSTITUTION,
    "firms": Organisation.Kind.FIRM,
    "agencies": Organisation.Kind.AGENCY,
}
PLAIN_FIELDS = ("name", "short_name", "credit_code", "firm_type", "profile", "is_local")


@dataclass
class Cast:
    """Organisations by their id in the files, people by username, regions by code."""

    organisations: dict[str, Organisation] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    regions: dict[str, Region] = field(default_factory=dict)

    @property
    def city(self) -> User:
        return self._first(Role.CITY)

    @property
    def joint_office(self) -> User:
        """The first institution officer speaks for all the local institutions."""
        return self._first(Role.INSTITUTION)

    def officer_of(self, organisation: str) -> User | None:
        """Who speaks for this organisation alone, if anybody can."""
        return next(
            (self.people[row["username"]] for row in rows("people") if row["organisations"] == [organisation]), None
        )

    def district_of(self, firm: Organisation) -> User:
        """The officer of the reporting unit that counts the firm."""
        unit = next(
            row["id"]
            for row in rows("authorities")
            if row["stat_region"] and self.organisations[row["id"]].stat_region_id == firm.stat_region_id
        )
        return self.officer_of(unit)

    def person_of_broker(self, broker: str) -> User | None:
        return next((self.people[row["username"]] for row in rows("people") if row["broker"] == broker), None)

    def contact(self, organisation: str, details: dict, *, consents: bool = True) -> ContactDetails:
        owner = self.organisations[organisation]
        return ContactDetails(owner.pk, details["name"], phone=details["phone"], consents=consents)

    def _first(self, role: str) -> User:
        return next(self.people[row["username"]] for row in rows("people") if row["role"] == role)


def load_organisations(cast: Cast) -> int:
    """Find each organisation of the files by its name or enter it, with its contact. Returns how many are new."""
    cast.regions = {region.code: region for region in Region.objects.all()}
    wanted = {row["id"]: _organisation(kind, row, cast.regions) for kind in KINDS for row in rows(kind)}
    known = {one.name: one for one in Organisation.objects.filter(name__in=[one.name for one in wanted.values()])}
    new = [one for one in wanted.values() if one.name not in known]
    for one in new:
        one.clean_fields()
    Organisation.objects.bulk_create(new)
    record_many(_("新建"), {one: {"kind": [None, one.kind]} for one in new}, by=None)
    cast.organisations = {key: known.get(one.name, one) for key, one in wanted.items()}
    if new:
        offices = [(row["id"], row["office"]["contact"]) for row in rows("institutions")]
        keep_contacts(cast.contact(key, details) for key, details in offices)
    return len(new)


def load_people(cast: Cast, passwords: dict[str, str] | None) -> int:
    """Find each person by username or let them in; `passwords` is completed. Returns how many passwords were set.

    A known person keeps the password that `passwords` has; where it has none (the file was lost), a new one is set.
    With None nobody gets a password: new people cannot sign in, known ones keep theirs.
    Raises ValidationError for a username that somebody else has.
    """
    people = rows("people")
    known = User.objects.in_bulk([row["username"] for row in people], field_name="username")
    for user in known.values():
        _check_is_ours(user, cast)
    unknown = [row["username"] for row in people if row["username"] not in known]
    hashes = dict.fromkeys(unknown) if passwords is None else _set_passwords(unknown, known, passwords)
    for row in people:
        if row["username"] in unknown:
            known[row["username"]] = _let_in(row, hashes[row["username"]] or make_password(None), cast)
    cast.people = known
    return 0 if passwords is None else len(hashes)


def logins(cast: Cast, passwords: dict[str, str]) -> list[dict]:
    """One login per role first, in the order of the roles, then everybody else."""
    people = rows("people")
    first = [next(row for row in people if row["role"] == role) for role in Role.values]
    return [
        {
            "role": str(Role(row["role"]).label),
            "username": row["username"],
            "password": passwords[row["username"]],
            "start_page": START_PAGE,
            "name": f"{row['name']} · {row['office'] or cast.organisations[row['organisations'][0]].name}",
        }
        for row in first + [row for row in people if row not in first]
    ]


def _organisation(kind: str, row: dict, regions: dict[str, Region]) -> Organisation:
    return Organisation(
        kind=KINDS[kind] or row["kind"],
        reg_region=regions.get(row.get("reg_region")),
        stat_region=regions.get(row["stat_region"]),
        **{name: row[name] for name in PLAIN_FIELDS if name in row},
    )


def _set_passwords(unknown: list[str], known: dict[str, User], passwords: dict[str, str]) -> dict[str, str]:
    """Choose what is missing in `passwords`. Returns the new hashes; those of known people are written already."""
    names = [*unknown, *(name for name in known if name not in passwords)]
    for name in names:
        passwords.setdefault(name, new_password())
    hashes = {name: quick_hash(passwords[name]) for name in names}
    for name in known.keys() & hashes.keys():
        User.objects.filter(pk=known[name].pk).update(password=hashes[name])
        record(_("重设演示密码"), known[name], by=None)
    return hashes


def _let_in(row: dict, password_hash: str, cast: Cast) -> User:
    address = f"{row['username']}@demo.invalid"  # a domain that never is: nobody gets a mail by mistake
    user = User.objects.create(username=row["username"], name=row["name"], password=password_hash, email=address)
    record(_("新建"), user, by=None)
    for organisation in row["organisations"]:
        add_member(user, cast.organisations[organisation], row["role"], by=None)
    return user


def _check_is_ours(user: User, cast: Cast) -> None:
    if not user.memberships.filter(organisation__in=[one.pk for one in cast.organisations.values()]).exists():
        raise ValidationError(_("用户名“%(name)s”已属于演示城市以外的人，没有载入演示数据。") % {"name": user.username})
