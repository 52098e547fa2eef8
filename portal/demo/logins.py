"""The file with the demo logins: role, username and password."""

import json
import os
import secrets
import string
from pathlib import Path

from django.contrib.auth.hashers import get_hasher

ALPHABET = "".join(sorted(set(string.ascii_letters + string.digits) - set("0O1lI")))
START_PAGE = "/workbench/"


def new_password() -> str:
    """A random password that satisfies the password rules and is easy to type, such as Kd7p-2mQx-9vRt-Hw4n."""
    while True:
        groups = ["".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4)]
        password = "-".join(groups)
        if all(any(test(character) for character in password) for test in (str.islower, str.isupper, str.isdigit)):
            return password


def quick_hash(password: str) -> str:
    """Hash a `new_password` with few iterations.

    Iterations protect passwords that people choose; a random one of 57^16 cannot be guessed. Thirty full hashes would
    add five seconds to the start. The first login upgrades the hash.
    """
    hasher = get_hasher()
    rounds = {"iterations": 1000} if hasattr(hasher, "iterations") else {}
    return hasher.encode(password, hasher.salt(), **rounds)


def read_passwords(path: Path) -> dict[str, str]:
    """{username: password} of an existing logins file; empty if it is missing or invalid."""
    try:
        logins = json.loads(path.read_text(encoding="utf-8")).get("logins", [])
        return {login["username"]: login["password"] for login in logins}
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def write_logins(path: Path, address: str, logins: list[dict]) -> None:
    """Write `address` and `logins` atomically with mode 0600; does nothing if the content is unchanged."""
    text = json.dumps({"address": address, "logins": logins}, ensure_ascii=False, indent=2) + "\n"
    if path.exists() and path.read_text(encoding="utf-8", errors="replace") == text:
        path.chmod(0o600)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
