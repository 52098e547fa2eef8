"""The gallery of an achievement: uploads checked by their content, re-encoded without metadata in the background."""

import hashlib
import io
import secrets
import warnings
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.db.models.fields.files import FieldFile
from django.utils import timezone
from PIL import Image, ImageOps, UnidentifiedImageError

from accounts.models import User
from achievements.models import Achievement
from achievements.permissions import check_institution_or_city
from audit.services import record
from core.confidentiality import find_secrecy_marking
from core.file_validation import safe_file_name
from core.stored_files import delete_after_commit
from portfolio.models import Picture

type Upload = UploadedFile[Any]
MOST_PICTURES = 12
MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS, LEAST_SIDE = 50_000_000, 200
FORMATS = ("JPEG", "PNG", "WEBP")
"""What is read; the content says what it is, not the name."""
LONGEST_SIDE = {"small": 360, "medium": 900, "large": 1800}
QUALITY = 82
LOST_AFTER = timedelta(minutes=10)
UNREADABLE = "“%s”不是能显示的图片，或者已经损坏。请用 JPG、PNG 或 WebP 图片；手机的 HEIC 照片请先另存为 JPG。"
TOO_MANY_PIXELS = "“%s”的像素太多，打开会占满内存。请缩小到 5000 万像素以内（例如 8000×6000）再上传。"
_DAMAGED = (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError)


def add_pictures(achievement: Achievement, uploads: Sequence[Upload], *, by: User) -> tuple[int, list[str]]:
    """Store each upload that is a picture. Returns how many, and a sentence for each that was refused."""
    check_institution_or_city(achievement, by)
    number, refused = 0, []
    for upload in uploads:
        try:
            _add(achievement, upload, by)
            number += 1
        except ValidationError as error:
            refused += error.messages
    return number, refused


def _add(achievement: Achievement, upload: Upload, by: User) -> None:
    name = safe_file_name(upload.name or "")
    if (upload.size or 0) > MAX_BYTES:  # before the content is read
        megabytes = (upload.size or 0) // 1024 // 1024
        raise ValidationError(f"“{name}”有 {megabytes} MB，每张图片最多 20 MB，请压缩后再上传。")
    if mark := find_secrecy_marking(name):
        raise ValidationError(f"“{name}”的文件名写着“{mark}”。涉密文件不能上传到本平台。")
    content = upload.read()
    check_picture(content, name)
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        row = Achievement.objects.select_for_update(of=("self",)).get(pk=achievement.pk)
        kept = row.pictures.kept()
        if kept.count() >= MOST_PICTURES:
            raise ValidationError(f"“{name}”没有上传：每项成果最多 {MOST_PICTURES} 张图片，请先移除不需要的。")
        if kept.filter(sha256=digest).exists():
            raise ValidationError(f"“{name}”已经上传过了。")
        position = (kept.aggregate(last=Max("position"))["last"] or 0) + 1
        picture = Picture(achievement=row, name=name, sha256=digest, position=position, uploaded_by=by)
        picture.source.save(f"{secrets.token_hex(16)}.upload", ContentFile(content), save=False)
        picture.save(force_insert=True)
        record("上传图片", row, by=by, changes={"picture": [None, name]})
        key = picture.pk
        transaction.on_commit(lambda: _queue(key))


def _queue(key: int) -> None:
    from portfolio.tasks import make_sizes  # the task calls this module

    make_sizes.delay(key)


def check_picture(content: bytes, name: str) -> None:
    """Read the header only: the format, and the size before anything is unpacked. Raises ValidationError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                width, height = image.size
    except Image.DecompressionBombError:
        raise ValidationError(TOO_MANY_PIXELS % name) from None
    except (UnidentifiedImageError, *_DAMAGED):
        raise ValidationError(UNREADABLE % name) from None
    if width * height > MAX_PIXELS:
        raise ValidationError(TOO_MANY_PIXELS % name)
    if min(width, height) < LEAST_SIDE:
        raise ValidationError(f"“{name}”只有 {width}×{height} 像素，看不清。请换一张每边至少 {LEAST_SIDE} 像素的。")


def make_sizes(picture_id: int) -> bool:
    """Re-encode a waiting picture as WebP in three sizes and delete the upload. Does nothing if that is done.

    What cannot be decoded becomes FAILED and stays in the office's list.
    """
    waiting = Picture.objects.kept().filter(pk=picture_id, status=Picture.Status.WAITING)
    picture = waiting.first()
    if picture is None or not picture.source:
        return False
    try:
        with picture.source.open("rb") as file:
            sizes = encoded_sizes(file.read())
    except _DAMAGED:
        waiting.update(status=Picture.Status.FAILED)
        return False
    values: dict[str, Any] = {"status": Picture.Status.READY, "source": ""}
    for size, (content, width, height) in sizes.items():
        file_of(picture, size).save(f"{secrets.token_hex(16)}.webp", ContentFile(content), save=False)
        values |= {size: file_of(picture, size).name, "width": width, "height": height}
    source = str(picture.source.name)
    if waiting.update(**values):
        picture.source.storage.delete(source)
        return True
    for size in sizes:  # another worker was faster, or the picture was removed
        file_of(picture, size).delete(save=False)
    return False


def encoded_sizes(content: bytes) -> dict[str, tuple[bytes, int, int]]:
    """{size: (WebP, width, height)}, from small to large, upright, without EXIF, place, profile and comments."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            image.draft("RGB", (LONGEST_SIDE["large"],) * 2)
            upright = ImageOps.exif_transpose(image)
            has_alpha = "A" in upright.getbands() or "transparency" in upright.info
            plain = upright.convert("RGBA" if has_alpha else "RGB")
    plain.thumbnail((LONGEST_SIDE["large"],) * 2, Image.Resampling.LANCZOS)
    made = {}
    for size, side in LONGEST_SIDE.items():
        copy = plain.copy()
        copy.thumbnail((side, side), Image.Resampling.LANCZOS)
        copy.info.clear()
        buffer = io.BytesIO()
        copy.save(buffer, "WEBP", quality=QUALITY, method=4)
        made[size] = (buffer.getvalue(), *copy.size)
    return made


def file_of(picture: Picture, size: str) -> FieldFile:
    """The stored file of one of Picture.SIZES."""
    return {"small": picture.small, "medium": picture.medium, "large": picture.large}[size]


def retry_waiting() -> int:
    """Queue pictures whose task was lost. Returns how many."""
    before = timezone.now() - LOST_AFTER
    keys = list(
        Picture.objects.kept()
        .filter(status=Picture.Status.WAITING, uploaded_at__lt=before)
        .values_list("pk", flat=True)
    )
    for key in keys:
        _queue(key)
    return len(keys)


# --- Order, texts, removal -----------------------------------------------------------------------------------------
@transaction.atomic
def order_pictures(achievement: Achievement, public_ids: Sequence[str], *, by: User) -> None:
    """Put the pictures in this order; the first is the cover. Raises ValidationError if they are not all there."""
    check_institution_or_city(achievement, by)
    Achievement.objects.select_for_update(of=("self",)).get(pk=achievement.pk)
    rows = {row.public_id: row for row in achievement.pictures.kept()}
    if sorted(public_ids) != sorted(rows):
        raise ValidationError("图片刚刚被改过，请看过下面最新的顺序再排一次。")
    for position, public_id in enumerate(public_ids, start=1):
        rows[public_id].position = position
    Picture.objects.bulk_update(rows.values(), ["position"])
    record("排列图片", achievement, by=by, changes={"pictures": [None, len(rows)]})


def move_picture(picture: Picture, step: str, *, by: User) -> None:
    """`step`: earlier, later or first."""
    keys = list(picture.achievement.pictures.kept().values_list("public_id", flat=True))
    at = keys.index(picture.public_id)
    to = {"earlier": max(at - 1, 0), "later": min(at + 1, len(keys) - 1), "first": 0}[step]
    keys.insert(to, keys.pop(at))
    order_pictures(picture.achievement, keys, by=by)


@transaction.atomic
def describe_pictures(achievement: Achievement, texts: dict[str, tuple[str, str]], *, by: User) -> int:
    """{public id: (caption, alternative text)}. Returns how many changed. Raises ValidationError naming the picture."""
    check_institution_or_city(achievement, by)
    number = 0
    for row in achievement.pictures.kept().filter(public_id__in=texts):
        caption, alt = texts[row.public_id]
        if (row.caption, row.alt) == (caption, alt):
            continue
        before = row.caption
        row.caption, row.alt = caption, alt
        try:
            row.clean_fields(exclude=["achievement", "uploaded_by"])
        except ValidationError as error:
            raise ValidationError([f"“{row.name}”：{text}" for text in error.messages]) from None
        row.save(update_fields=["caption", "alt"])
        record("修改图片说明", achievement, by=by, changes={"caption": [before, row.caption]})
        number += 1
    return number


@transaction.atomic
def remove_picture(picture: Picture, *, by: User) -> None:
    """Hide it and delete its files; the row stays as history. Raises PermissionDenied, ValidationError."""
    check_institution_or_city(picture.achievement, by)
    if not Picture.objects.kept().filter(pk=picture.pk).update(removed_at=timezone.now()):
        raise ValidationError("这张图片已经移除了。")
    # As stored now: a task may have made the sizes since the picture was read.
    row = Picture.objects.get(pk=picture.pk)
    delete_after_commit(row.source, *(file_of(row, size) for size in Picture.SIZES))
    record("移除图片", picture.achievement, by=by, changes={"picture": [picture.name, None]})
