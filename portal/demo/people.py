"""Load the organisations and users of the demo city."""

from dataclasses import dataclass, field

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError

from accounts.models import Organisation, Region, Role, User
from accounts.services.contacts import ContactDetails, save_contacts
from accounts.services.members import add_member
from audit.services import record, record_many
from portal.demo.dataset import rows
from portal.demo.logins import START_PAGE, new_password, quick_hash

KINDS = {
    "authorities": None,  # the rows have their own kind
    "institutions": Organisation.Kind.INSTITUTION,
    "firms": Organisation.Kind.FIRM,
    "agencies": Organisation.Kind.AGENCY,
}
DIRECT_FIELDS = ("name", "short_name", "credit_code", "firm_type", "profile", "is_local")


@dataclass
class DemoContext:
    """What later loaders refer to: organisations by dataset id, users by username, regions by code."""

    organisations: dict[str, Organisation] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    regions: dict[str, Region] = field(default_factory=dict)

    @property
    def city(self) -> User:
        return self._first(Role.CITY)

    @property
    def joint_office(self) -> User:
        """The first institution officer, who represents all local institutions."""
        return self._first(Role.INSTITUTION)

    def officer_of(self, organisation: str) -> User | None:
        """The user who represents this organisation only, if there is one."""
        return next(
            (self.people[row["username"]] for row in rows("people") if row["organisations"] == [organisation]), None
        )

    def district_of(self, firm: Organisation) -> User:
        """The officer of the firm's reporting region."""
        unit = next(
            row["id"]
            for row in rows("authorities")
            if row["stat_region"] and self.organisations[row["id"]].stat_region_id == firm.stat_region_id
        )
        officer = self.officer_of(unit)
        if officer is None:
            raise LookupError(f"nobody represents {unit} in the demo data")
        return officer

    def person_of_broker(self, broker: str) -> User | None:
        return next((self.people[row["username"]] for row in rows("people") if row["broker"] == broker), None)

    def contact(self, organisation: str, details: dict, *, consents: bool = True) -> ContactDetails:
        owner = self.organisations[organisation]
        return ContactDetails(owner.pk, details["name"], phone=details["phone"], consents=consents)

    def _first(self, role: str) -> User:
        return next(self.people[row["username"]] for row in rows("people") if row["role"] == role)


def load_organisations(demo: DemoContext) -> int:
    """Get each organisation by name or create it, with its contact. Returns how many were created."""
    demo.regions = {region.code: region for region in Region.objects.all()}
    organisations = {row["id"]: _organisation(kind, row, demo.regions) for kind in KINDS for row in rows(kind)}
    names = [organisation.name for organisation in organisations.values()]
    known = {organisation.name: organisation for organisation in Organisation.objects.filter(name__in=names)}
    new = [organisation for organisation in organisations.values() if organisation.name not in known]
    for organisation in new:
        organisation.clean_fields()
    Organisation.objects.bulk_create(new)
    record_many("新建", {organisation: {"kind": [None, organisation.kind]} for organisation in new}, by=None)
    demo.organisations = {
        key: known.get(organisation.name, organisation) for key, organisation in organisations.items()
    }
    if new:
        offices = [(row["id"], row["office"]["contact"]) for row in rows("institutions")]
        save_contacts(demo.contact(key, details) for key, details in offices)
    return len(new)


def load_people(demo: DemoContext, passwords: dict[str, str] | None) -> int:
    """Get each user by username or create them. Returns how many passwords were set.

    `passwords` ({username: password}) is completed in place: users without an entry get a new password. With None no
    password is set: new users cannot log in, existing ones keep theirs.
    Raises ValidationError if a username belongs to a user outside the demo city.
    """
    people = rows("people")
    known = User.objects.in_bulk([row["username"] for row in people], field_name="username")
    for user in known.values():
        _check_is_demo_user(user, demo)
    unknown = [row["username"] for row in people if row["username"] not in known]
    hashes = dict.fromkeys(unknown) if passwords is None else _set_passwords(unknown, known, passwords)
    for row in people:
        if row["username"] in unknown:
            known[row["username"]] = _create_user(row, hashes[row["username"]] or make_password(None), demo)
    demo.people = known
    return 0 if passwords is None else len(hashes)


def logins(demo: DemoContext, passwords: dict[str, str]) -> list[dict]:
    """The logins: the first of each role in the order of the roles, then all others."""
    people = rows("people")
    first = [next(row for row in people if row["role"] == role) for role in Role.values]
    return [
        {
            "role": str(Role(row["role"]).label),
            "username": row["username"],
            "password": passwords[row["username"]],
            "start_page": START_PAGE,
            "name": f"{row['name']} · {row['office'] or demo.organisations[row['organisations'][0]].name}",
        }
        for row in first + [row for row in people if row not in first]
    ]


def _organisation(kind: str, row: dict, regions: dict[str, Region]) -> Organisation:
    return Organisation(
        kind=KINDS[kind] or row["kind"],
        reg_region=regions.get(row.get("reg_region")),
        stat_region=regions.get(row["stat_region"]),
        **{name: row[name] for name in DIRECT_FIELDS if name in row},
    )


def _set_passwords(unknown: list[str], known: dict[str, User], passwords: dict[str, str]) -> dict[str, str]:
    """Add missing `passwords`. Returns their hashes; those of existing users are saved."""
    names = [*unknown, *(name for name in known if name not in passwords)]
    for name in names:
        passwords.setdefault(name, new_password())
    hashes = {name: quick_hash(passwords[name]) for name in names}
    for name in known.keys() & hashes.keys():
        User.objects.filter(pk=known[name].pk).update(password=hashes[name])
        record("重设演示密码", known[name], by=None)
    return hashes


def _create_user(row: dict, password_hash: str, demo: DemoContext) -> User:
    address = f"{row['username']}@demo.invalid"  # the .invalid domain cannot receive mail
    user = User.objects.create(username=row["username"], name=row["name"], password=password_hash, email=address)
    record("新建", user, by=None)
    for organisation in row["organisations"]:
        add_member(user, demo.organisations[organisation], row["role"], by=None)
    return user


def _check_is_demo_user(user: User, demo: DemoContext) -> None:
    if not user.memberships.filter(
        organisation__in=[organisation.pk for organisation in demo.organisations.values()]
    ).exists():
        raise ValidationError("用户名“%(name)s”已属于演示城市以外的人，没有载入演示数据。" % {"name": user.username})
