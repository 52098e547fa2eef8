"""Answers for what the site stands on and cannot have now: 503 for the database, 507 for the disk, in plain words.

They need neither database nor session nor disk.
"""

import errno
import logging
from dataclasses import dataclass

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from core.database_errors import DISK_FULL, LOCK_NOT_AVAILABLE, TIME_LIMIT_REACHED, is_database_lost, sqlstate

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shortage:
    """What is missing, as a page says it. `event`: the same for the log."""

    status: int
    title: str
    sentence: str
    event: str


NO_DATABASE = Shortage(
    503,
    "服务暂时不可用",
    "数据库暂时连接不上，正在恢复。已经提交成功的内容都在；刚才没有提交成功的，请稍后重新提交。",
    "database lost",
)
TOO_SLOW = Shortage(
    503,
    "这一页没有算完",
    "要查的数据太多，超过了一页的时间限制，已经停下，没有改动任何内容。请缩小筛选范围，或稍后再试。",
    "statement too slow",
)
LOCKED = Shortage(
    503,
    "内容正被占用",
    "您要改的内容正被另一项操作占用，这次没有保存。请稍候片刻重新提交。",
    "lock not available",
)
NO_SPACE = Shortage(
    507,
    "平台的存储空间已满",
    "文件或内容没有保存成，原有内容都在。请稍后重新提交；若一直这样，请告诉平台工作人员“存储空间已满”。",
    "no space left",
)
READ_ONLY = Shortage(
    507,
    "平台暂时不能保存文件",
    "存放文件的位置现在不能写入，文件没有保存成，原有内容都在。请稍后重新提交；若一直这样，请告诉平台工作人员“附件目录不能写入”。",
    "uploads not writable",
)
OF_SQLSTATE = {DISK_FULL: NO_SPACE, TIME_LIMIT_REACHED: TOO_SLOW, LOCK_NOT_AVAILABLE: LOCKED}
OF_ERRNO = {
    errno.ENOSPC: NO_SPACE,
    errno.EDQUOT: NO_SPACE,
    errno.EROFS: READ_ONLY,
    errno.EACCES: READ_ONLY,
    errno.EPERM: READ_ONLY,
}


def unavailable(request: HttpRequest, error: BaseException) -> HttpResponse | None:
    """Log the error and return the page, or a problem of the API; None for every other error."""
    shortage = shortage_of(error)
    if shortage is None:
        return None
    reason = str(error).strip().partition("\n")[0]
    log.error("%s at %s %s: %s", shortage.event, request.method, request.path, reason)
    headers = {"Retry-After": "30", "Cache-Control": "no-store"}
    if request.path.startswith("/api/"):
        problem = {
            "type": "about:blank",
            "title": shortage.title,
            "status": shortage.status,
            "detail": shortage.sentence,
        }
        return JsonResponse(problem, status=shortage.status, headers=headers, content_type="application/problem+json")
    context = {"site": settings.SITE, "title": shortage.title, "sentence": shortage.sentence}
    return HttpResponse(render_to_string("503.html", context), status=shortage.status, headers=headers)


def shortage_of(error: BaseException) -> Shortage | None:
    if is_database_lost(error):
        return NO_DATABASE
    if isinstance(error, OperationalError):
        return OF_SQLSTATE.get(sqlstate(error) or "")
    if isinstance(error, OSError) and is_of_uploads(error):
        return OF_ERRNO.get(error.errno or 0)
    return None


def is_of_uploads(error: OSError) -> bool:
    """A full disk may be met anywhere; a refused path counts only where files are kept, elsewhere it is a fault."""
    if OF_ERRNO.get(error.errno or 0) is NO_SPACE:
        return True
    return str(error.filename or "").startswith(str(settings.MEDIA_ROOT))
