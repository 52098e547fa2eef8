"""Secret parts of links that open a page without an account: worked out from the secret key, so that they can be shown
again and a copy of the database opens nothing.

A token is the public id of its row and then LENGTH hexadecimal digits. Each kind of link has its own salt, so that a
link of one kind never opens another. `issue` is the number of the row's present link: a higher one voids earlier links.
"""

from django.utils.crypto import constant_time_compare, salted_hmac

LENGTH, ID_LENGTH = 32, 10


def issued_token(salt: str, public_id: str, issue: int = 1) -> str:
    text = f"{public_id}:{issue}"
    return public_id + salted_hmac(salt, text, algorithm="sha256").hexdigest()[:LENGTH]


def id_of_token(token: str) -> str:
    """The public id in a token, which is not checked yet."""
    return token[:ID_LENGTH]


def is_issued(token: str, salt: str, public_id: str, issue: int = 1) -> bool:
    """Whether it is the present token of the row, compared in constant time."""
    return constant_time_compare(issued_token(salt, public_id, issue), token)
