"""Videos of an achievement: an MP4 checked by its content, or an address on a permitted site."""

import secrets
import struct
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from achievements.permissions import check_institution_or_city
from audit.services import record
from core.confidentiality import find_secrecy_marking
from core.file_validation import safe_file_name
from core.stored_files import delete_after_commit
from portfolio.models import Video

type Upload = UploadedFile[Any]
MOST_VIDEOS = 3
MAX_BYTES = 200 * 1024 * 1024
BRANDS = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash")
MOST_BOXES = 200


@transaction.atomic
def add_video(achievement: Achievement, *, title: str, upload: Upload | None = None, link: str = "", by: User) -> Video:
    """Store an uploaded MP4 or a link, one of both. Raises PermissionDenied, ValidationError."""
    check_institution_or_city(achievement, by)
    if (upload is None) == (not link.strip()):
        raise ValidationError("请上传 MP4 文件，或填写视频链接，二选一。")
    row = Achievement.objects.select_for_update(of=("self",)).get(pk=achievement.pk)
    if row.videos.kept().count() >= MOST_VIDEOS:
        raise ValidationError(f"每项成果最多 {MOST_VIDEOS} 个视频，请先移除不需要的。")
    video = Video(achievement=row, title=title, uploaded_by=by)
    if upload is None:
        video.link = checked_link(link)
    else:
        check_upload(upload)
        video.size = upload.size or 0
    video.clean_fields(exclude=["achievement", "uploaded_by"])
    if mark := find_secrecy_marking(video.title):
        raise ValidationError(f"标题写着“{mark}”。涉密内容不能上传到本平台。")
    if upload is not None:
        upload.seek(0)
        video.file.save(f"{secrets.token_hex(16)}.mp4", upload, save=False)
    video.save(force_insert=True)
    record("加入视频", row, by=by, changes={"video": [None, video.title]})
    return video


@transaction.atomic
def remove_video(video: Video, *, by: User) -> None:
    """Hide it and delete its file; the row stays as history. Raises PermissionDenied, ValidationError."""
    check_institution_or_city(video.achievement, by)
    if not Video.objects.kept().filter(pk=video.pk).update(removed_at=timezone.now()):
        raise ValidationError("这个视频已经移除了。")
    delete_after_commit(video.file)
    record("移除视频", video.achievement, by=by, changes={"video": [video.title, None]})


def checked_link(link: str) -> str:
    """An https address on one of `VIDEO_HOSTS` or below it. Raises ValidationError."""
    link = link.strip()
    try:
        parts = urlsplit(link)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    permitted = any(host == known or host.endswith(f".{known}") for known in settings.VIDEO_HOSTS)
    if parts.scheme != "https" or not permitted or port not in (None, 443) or parts.username or "\\" in link:
        hosts = "、".join(settings.VIDEO_HOSTS)
        raise ValidationError(f"视频链接要以 https:// 开头，并且在这些网站上：{hosts}。别的视频请下载后上传 MP4 文件。")
    return link


def check_upload(upload: Upload) -> None:
    """Raise ValidationError unless it is an MP4 of at most MAX_BYTES with a file type, an index and media data."""
    name = safe_file_name(upload.name or "")
    size = upload.size or 0
    if size > MAX_BYTES:
        megabytes = size // 1024 // 1024
        raise ValidationError(f"“{name}”有 {megabytes} MB，每个视频最多 200 MB。请压缩，或放到视频网站后填链接。")
    if mark := find_secrecy_marking(name):
        raise ValidationError(f"“{name}”的文件名写着“{mark}”。涉密文件不能上传到本平台。")
    upload.seek(0)
    if not {b"moov", b"mdat"} <= _boxes(upload, size):  # type: ignore[arg-type]  # an UploadedFile reads and seeks
        raise ValidationError(f"“{name}”不是完整的 MP4 视频。请另存为 MP4（H.264）后再上传。")


def _boxes(file: BinaryIO, size: int) -> set[bytes]:
    """Kinds of the top-level boxes of an MP4 (ISO 14496-12); empty if sizes do not fit or the brand is another."""
    at = 0
    kinds: set[bytes] = set()
    for number in range(MOST_BOXES):
        if at == size:
            return kinds
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return set()
        length, kind = struct.unpack(">I4s", head[:8])
        if number == 0 and (kind != b"ftyp" or head[8:12] not in BRANDS):
            return set()
        if length == 1:
            if len(head) < 16:
                return set()
            (length,) = struct.unpack(">Q", head[8:16])
        elif length == 0:
            length = size - at
        if length < 8 or at + length > size:
            return set()
        kinds.add(kind)
        at += length
    return set()
