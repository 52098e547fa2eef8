"""The page of this site to which a form leads back."""

from django.utils.http import url_has_allowed_host_and_scheme

LONGEST = 2000


def path_on_this_site(path: str) -> str:
    """`path` if it is an address on this site without fragment, else the home page."""
    is_own = url_has_allowed_host_and_scheme(path, allowed_hosts=None) and path.startswith("/") and len(path) <= LONGEST
    return path.partition("#")[0] if is_own else "/"
