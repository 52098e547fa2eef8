"""The accounts a city begins with: its bureau, the bureaus of its districts, and an officer for each.

With them the city's own people can sign in, import institutions, firms and achievements, and invite others.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.models import Organisation, Region, Role, User
from accounts.services.members import add_member
from audit.services import record
from cities import City
from portal.demo.logins import START_PAGE, new_password, read_passwords, write_logins


@transaction.atomic
def create_first_accounts(city: City, *, logins_file: Path, address: str = "") -> int:
    """Create what is missing, and write the logins to `logins_file` (mode 0600). Returns how many users are new.

    Existing users keep their passwords; those that the file does not know are not in it. OSError if it cannot be
    written; nothing is created then.
    """
    passwords = read_passwords(logins_file)
    bureau = _authority(f"{city.name}科学技术局", Organisation.Kind.CITY)
    wanted = [("city", Role.CITY, "市级专员", bureau)]
    for region in Region.objects.reporting():
        authority = _authority(f"{region.name}科技主管部门", Organisation.Kind.DISTRICT, region)
        wanted.append((f"district-{region.code}", Role.DISTRICT, f"{region.name}专员", authority))
    wanted += [("auditor", Role.AUDITOR, "审计员", bureau), ("sysadmin", Role.SYSADMIN, "系统管理员", bureau)]
    new = [row for row in wanted if _create_user(row, passwords)]
    write_logins(logins_file, address, _logins(wanted, passwords))
    return len(new)


def _authority(name: str, kind: str, region: Region | None = None) -> Organisation:
    organisation, is_new = Organisation.objects.get_or_create(name=name, defaults={"kind": kind, "stat_region": region})
    if is_new:
        record("新建", organisation, by=None, changes={"kind": [None, kind]})
    return organisation


def _create_user(row: tuple[str, str, str, Organisation], passwords: dict[str, str]) -> bool:
    username, role, name, organisation = row
    if User.objects.filter(username=username).exists():
        return False
    passwords[username] = new_password()
    user = User.objects.create(username=username, name=name, password=make_password(passwords[username]))
    record("新建", user, by=None)
    add_member(user, organisation, role, by=None)
    return True


def _logins(wanted: Iterable[tuple[str, str, str, Organisation]], passwords: Mapping[str, str]) -> list[dict]:
    return [
        {
            "role": str(Role(role).label),
            "username": username,
            "password": passwords[username],
            "start_page": START_PAGE,
            "name": f"{name} · {organisation.name}",
        }
        for username, role, name, organisation in wanted
        if username in passwords
    ]
