"""How often somebody may try a password: counters in the shared cache, by address, by name and by known device.

Each attempt is counted before the password is checked, so that attempts at the same moment cannot pass together, and
taken back if the password was right. axes counts failures of one name from one address in the database.

usual place     a browser or an address in which this user signed in within 90 days
by address      so many different names: the address waits, except for users whose usual place it is
by name         so many failures from places that are not usual: they wait, each time longer; usual places do not
by device       a known browser of this user has a counter of its own: nobody else can use it up
"""

import hashlib
import time
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Q

from authentication.devices import hash_token, network_of
from authentication.models import KnownDevice

WINDOW = 15 * 60
NAMES_PER_ADDRESS = ((15, WINDOW), (60, 86400))
"""(different names, seconds): one address may fail with so many."""
FAILURES_PER_NAME = 10
FAILURES_PER_DEVICE = 5
LONGEST_WAIT = 2 * 3600
AT_THE_SAME_MOMENT = 60
"""Seconds after which an attempt whose process died no longer counts as under way."""


@dataclass(frozen=True)
class Attempt:
    """`name` and `network` as they are counted, `device_hash` "" unless it is a device of this user."""

    name: str
    network: str
    device_hash: str
    is_usual: bool

    @property
    def name_key(self) -> str:
        return _key("name", self.name)

    @property
    def under_way_key(self) -> str:
        return _key("under-way", f"{self.name} {self.network}")


def describe_attempt(username: str, address: str | None, token: str) -> Attempt:
    """One query, the same for names that exist and that do not."""
    name, token_hash = username.strip().casefold()[:150], hash_token(token)
    place = Q(address=address) if address else Q(pk=None)
    hashes = (
        KnownDevice.objects.current()
        .filter(Q(token_hash=token_hash or "-") | place, user__username__iexact=name)
        .values_list("token_hash", flat=True)
    )
    known = set(hashes)
    return Attempt(
        name=name,
        network=network_of(address),
        device_hash=token_hash if token_hash in known else "",
        is_usual=bool(known),
    )


def begin_attempt(attempt: Attempt) -> int:
    """Count the attempt. Returns the seconds to wait; 0: the password may be checked."""
    if attempt.device_hash:
        count = _count(_key("device", f"{attempt.device_hash} {attempt.name}"), WINDOW)
        return WINDOW if count > FAILURES_PER_DEVICE else 0
    if attempt.is_usual:
        return 0
    if (wait := _wait_of_name(attempt)) or (wait := _count_name_at_address(attempt)):
        return wait
    count = _count(attempt.name_key, WINDOW)
    if count <= FAILURES_PER_NAME:
        return 0
    return _close_name(attempt) if count == FAILURES_PER_NAME + 1 else WINDOW


def count_under_way(attempt: Attempt) -> int:
    """How many attempts with this name from this network are being checked now, with this one."""
    return _count(attempt.under_way_key, AT_THE_SAME_MOMENT)


def end_under_way(attempt: Attempt) -> None:
    _take_back(attempt.under_way_key)


def forgive_attempt(attempt: Attempt) -> None:
    """The password was right: the attempt was no failure."""
    if attempt.device_hash:
        cache.delete(_key("device", f"{attempt.device_hash} {attempt.name}"))
    elif not attempt.is_usual:
        _take_back(attempt.name_key)
        for _limit, seconds in NAMES_PER_ADDRESS:
            if cache.delete(_member_key(attempt, seconds)):
                _take_back(_names_key(attempt, seconds))


def forget_failures(username: str) -> None:
    """Open a name for all places: its owner has proved who it is, or a system administrator has checked."""
    name = username.strip().casefold()[:150]
    cache.delete_many([_key(kind, name) for kind in ("name", "name-closed", "name-closings")])


def _wait_of_name(attempt: Attempt) -> int:
    until: int = cache.get(_key("name-closed", attempt.name), 0)
    return max(0, int(until - time.time()))


def _close_name(attempt: Attempt) -> int:
    """Twice as long each time within a day: 15 minutes, 30, 60, 120."""
    closings = _count(_key("name-closings", attempt.name), 86400)
    seconds: int = min(WINDOW * 2 ** (closings - 1), LONGEST_WAIT)
    cache.set(_key("name-closed", attempt.name), int(time.time()) + seconds, seconds)
    return seconds


def _count_name_at_address(attempt: Attempt) -> int:
    for limit, seconds in NAMES_PER_ADDRESS:
        key = _names_key(attempt, seconds)
        is_new = cache.add(_member_key(attempt, seconds), 1, seconds)
        count = _count(key, seconds) if is_new else cache.get(key, 0)
        if count > limit:
            return min(seconds, LONGEST_WAIT)
    return 0


def _names_key(attempt: Attempt, seconds: int) -> str:
    return _key(f"names-{seconds}", attempt.network)


def _member_key(attempt: Attempt, seconds: int) -> str:
    return _key(f"name-at-{seconds}", f"{attempt.name} {attempt.network}")


def _count(key: str, seconds: int) -> int:
    if cache.add(key, 1, seconds):
        return 1
    try:
        return int(cache.incr(key))
    except ValueError:  # it expired between the two
        cache.set(key, 1, seconds)
        return 1


def _take_back(key: str) -> None:
    try:
        if cache.incr(key, -1) <= 0:
            cache.delete(key)
    except ValueError:
        pass


def _key(kind: str, value: str) -> str:
    """Hashed: names and addresses are personal data, and names may have characters that keys must not have."""
    return f"sign-in-{kind}-{hashlib.sha256(value.encode()).hexdigest()[:32]}"
