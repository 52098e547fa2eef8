"""Three questions about this installation.

/livez: does the process answer? For whoever restarts it. It asks nothing else, because a restart helps no database.
/readyz: can it serve pages? For whoever sends it requests.
/healthz: is the whole system well? For whoever has to act; each leg says what is wrong.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dalian_techtransfer import health_checks
from dalian_techtransfer.health_checks import NO_BROKER, NO_DATABASE, NO_FILES, TIMEOUT, Leg

# The checks run in threads with connections of their own, because the connection of the request may hang and cannot be
# waited for with a time limit. The pool is small, so that a hanging database does not accumulate threads.
_checks = ThreadPoolExecutor(max_workers=6, thread_name_prefix="healthz")


@transaction.non_atomic_requests
@never_cache
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    return HttpResponse("正常\n", content_type="text/plain; charset=utf-8")


@transaction.non_atomic_requests
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 if the database answers. Without the broker pages still work, and what waits for a worker waits as rows."""
    check = _checks.submit(health_checks.check_connection)
    done, _ = wait([check], timeout=TIMEOUT)
    ok = check in done and check.result()
    return _answer({"database": Leg(ok, "正常" if ok else "无法连接")})


@transaction.non_atomic_requests
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """`{leg: {"ok", "detail"}}`; status 200 if all are ok, else 503."""
    checks: list[tuple[Callable[[], dict[str, Leg]], dict[str, Leg]]] = [
        (health_checks.check_database, NO_DATABASE),
        (health_checks.check_broker, NO_BROKER),
        (health_checks.check_files, NO_FILES),
    ]
    running = {_checks.submit(check): otherwise for check, otherwise in checks}
    done, _ = wait(running, timeout=TIMEOUT)
    legs: dict[str, Leg] = {}
    for check, otherwise in running.items():
        legs |= check.result() if check in done else otherwise
    return _answer(legs)


def _answer(legs: dict[str, Leg]) -> JsonResponse:
    return JsonResponse(
        {name: leg.as_json() for name, leg in legs.items()},
        status=200 if all(leg.ok for leg in legs.values()) else 503,
        json_dumps_params={"ensure_ascii": False},
    )
