"""Pictures are checked by their content and lose their metadata; order, texts, drawings; videos by range or link."""

import io
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from achievements.models import Attachment
from portfolio.models import Picture, Video
from portfolio.services import pictures
from portfolio.services.videos import MAX_BYTES
from tests import factories as make
from tests.achievements import uploads

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    return make.achievement(institution=make.institution())


@pytest.fixture
def office(client, item):
    client.force_login(make.institution_officer(item.institution))
    return client


def photo(width=1200, height=800, *, color=(40, 90, 140), kind="JPEG", exif=True) -> bytes:
    """With a place, a maker and a turned orientation."""
    buffer, tags = io.BytesIO(), Image.Exif()
    tags[0x0112], tags[0x010F] = 6, "SecretCamera"
    tags[0x8825] = {1: "N", 2: (38.0, 53.0, 1.0), 3: "E", 4: (121.0, 31.0, 0.0)}
    Image.new("RGB", (width, height), color).save(buffer, kind, **({"exif": tags} if exif else {}))
    return buffer.getvalue()


def bomb() -> bytes:
    """The header of a PNG of 60,000 × 60,000 pixels with a few bytes of data."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    parts = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def upload(client, item, *files: tuple[str, bytes]):
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post(reverse("picture_add", args=[item.public_id]), {"pictures": sent}, follow=True)


def kept(item) -> list[Picture]:
    return list(item.pictures.filter(removed_at=None))


def test_what_is_no_picture_is_named_and_the_others_are_kept(office, item, monkeypatch):
    monkeypatch.setattr(pictures, "MAX_BYTES", 200_000)
    page = upload(
        office,
        item,
        ("一号.jpg", photo()),
        ("伪装.jpg", b"<script>alert(1)</script>" * 40),
        ("炸弹.png", bomb()),
        ("截断.jpg", photo()[:300]),
        ("太小.png", photo(50, 900, kind="PNG", exif=False)),
        ("太大.jpg", photo() + b"\0" * 200_000),
        ("秘密★1年.jpg", photo(color=(1, 2, 3))),
        ("又一号.jpg", photo()),
        ("二号.webp", photo(900, 700, kind="WEBP", exif=False)),
    ).text
    assert {"一号.jpg", "二号.webp"} <= {row.name for row in kept(item)} <= {"一号.jpg", "二号.webp", "截断.jpg"}
    for words in (
        "伪装.jpg”不是能显示的图片",
        "炸弹.png”的像素太多",
        "太小.png”只有 50×900",
        "又一号.jpg”已经上传过",
    ):
        assert words in page, words
    assert "太大.jpg”有" in page and "秘密★1年.jpg”的文件名写着" in page
    for row in kept(item):
        pictures.make_sizes(row.pk)
    damaged = item.pictures.filter(name="截断.jpg")  # its header is whole: found out when it is decoded
    assert all(row.status == Picture.Status.FAILED for row in damaged)
    assert "打不开，没有公开" in office.get(reverse("gallery", args=[item.public_id])).text or not damaged


def test_three_sizes_without_metadata_and_upright(office, item, client):
    upload(office, item, ("照片.jpg", photo()))
    picture = item.pictures.get()
    source, storage = picture.source.name, picture.source.storage
    assert pictures.make_sizes(picture.pk) and not pictures.make_sizes(picture.pk)  # a task may come twice
    picture.refresh_from_db()
    assert (picture.width, picture.height) == (800, 1200) and not storage.exists(source)
    client.logout()
    for size, longest in pictures.LONGEST_SIDE.items():
        response = client.get(reverse("picture", kwargs={"public_id": picture.public_id, "size": size}))
        content = b"".join(response.streaming_content)
        assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("image/webp", "nosniff")
        with Image.open(io.BytesIO(content)) as image:
            assert image.format == "WEBP" and max(image.size) == min(longest, 1200) and not image.getexif()
        assert b"SecretCamera" not in content and b"EXIF" not in content
    page = client.get(f"/achievements/{item.public_id}/")
    assert 'fetchpriority="high"' in page.text and 'width="800"' in page.text and 'height="1200"' in page.text


def test_order_by_buttons_and_by_dragging_texts_and_limits(
    office, item, monkeypatch, django_capture_on_commit_callbacks
):
    upload(office, item, *((f"{n}.png", photo(300, 300 + n, kind="PNG", exif=False)) for n in range(3)))
    first, second, third = kept(item)
    step = lambda row, name: office.post(reverse("picture_step", args=[row.public_id]), {"step": name})  # noqa: E731
    step(third, "first")
    assert kept(item) == [third, first, second]
    step(first, "later")
    assert kept(item) == [third, second, first]
    order = reverse("picture_order", args=[item.public_id])
    office.post(order, {"order": [first.public_id, second.public_id, third.public_id]})
    assert kept(item) == [first, second, third]
    office.post(order, {"order": [first.public_id, first.public_id, third.public_id]})
    foreign = make.achievement(institution=make.institution("大连海事大学"))
    office.post(order, {"order": [first.public_id, second.public_id, foreign.public_id]})
    assert kept(item) == [first, second, third]
    texts = {f"caption-{first.public_id}": "试验线", f"alt-{first.public_id}": "<b>一条产线</b>"}
    office.post(reverse("picture_texts", args=[item.public_id]), texts)
    page = office.get(reverse("gallery", args=[item.public_id])).text
    assert "&lt;b&gt;一条产线&lt;/b&gt;" in page and "<b>一条产线" not in page
    typed = texts | {f"caption-{first.public_id}": "请打 13504112345"}
    refused = office.post(reverse("picture_texts", args=[item.public_id]), typed)
    assert refused.status_code == 422 and "13504112345" in refused.text  # what was typed is not lost
    pictures.make_sizes(second.pk)
    second.refresh_from_db()
    made, waiting = [second.small, second.medium, second.large], [third.source]
    assert all(file.storage.exists(file.name) for file in made + waiting)
    step(second, "remove")
    assert all(file.storage.exists(file.name) for file in made), "the row may still be rolled back"
    with django_capture_on_commit_callbacks(execute=True):
        step(third, "remove")
        Picture.objects.filter(pk=second.pk).update(removed_at=None)
        step(second, "remove")
    assert not any(file.storage.exists(file.name) for file in made + waiting)
    assert not pictures.make_sizes(third.pk), "a late task makes no files of a removed picture"
    assert kept(item) == [first]
    upload(office, item, ("三.png", photo(300, 302, kind="PNG", exif=False)))
    monkeypatch.setattr(pictures, "MOST_PICTURES", 2)
    assert "最多 2 张图片" in upload(office, item, ("四.png", photo(400, 400, kind="PNG", exif=False))).text


def film() -> bytes:
    body = bytes(number % 251 for number in range(2992))
    return (
        struct.pack(">I4s4sI", 16, b"ftyp", b"isom", 0)
        + struct.pack(">I4s", 8, b"moov")
        + struct.pack(">I4s", 3000, b"mdat")
        + body
    )


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("", 200, slice(None)),
        ("bytes=0-99", 206, slice(0, 100)),
        ("bytes=100-", 206, slice(100, None)),
        ("bytes=-10", 206, slice(-10, None)),
        ("bytes=10-99999999", 206, slice(10, None)),
        ("bytes=0-1,5-6", 200, slice(None)),
        ("bytes=9-3", 200, slice(None)),
        ("bytes=99999999-", 416, slice(0, 0)),
        ("bytes=-0", 416, slice(0, 0)),
    ],
)
def test_a_film_is_sent_in_ranges(office, item, asked, status, part):
    content = film()
    data = {"title": "试验线运行", "file": SimpleUploadedFile("film.mp4", content)}
    assert office.post(reverse("video_add", args=[item.public_id]), data).status_code == 302
    response = office.get(
        reverse("video", args=[Video.objects.get().public_id]), headers={"Range": asked} if asked else {}
    )
    body = b"".join(response.streaming_content) if response.streaming else response.content
    assert (response.status_code, body) == (status, content[part])
    if status == 206:
        assert response["Content-Length"] == str(len(body)) and response["Content-Range"].endswith(f"/{len(content)}")


def test_what_is_no_film_or_no_permitted_link_is_refused(office, item):
    for data, words in (
        ({"file": SimpleUploadedFile("film.mp4", b"GIF89a" + b"\0" * 400)}, "不是完整的 MP4"),
        ({"file": SimpleUploadedFile("cut.mp4", film()[:2000])}, "不是完整的 MP4"),
        ({"file": SimpleUploadedFile("page.mp4", b"<html><script>" + film())}, "不是完整的 MP4"),
        ({"link": "https://evil.example/bilibili.com"}, "视频链接要以 https:// 开头"),
        ({"link": "https://bilibili.com.evil.example/v"}, "视频链接要以 https:// 开头"),
        ({"link": "https://bilibili.com@evil.example/v"}, "视频链接要以 https:// 开头"),
        ({"link": "http://www.bilibili.com/video/BV1"}, "视频链接要以 https:// 开头"),
        ({"link": "javascript:alert(1)//bilibili.com"}, "视频链接要以 https:// 开头"),
        ({}, "二选一"),
        ({"title": "请打 13504112345", "link": "https://www.bilibili.com/video/BV1"}, "手机"),
    ):
        response = office.post(reverse("video_add", args=[item.public_id]), {"title": "试验线运行"} | data)
        assert response.status_code == 422 and words in response.text, data
        assert not Video.objects.exists(), data


def test_a_link_opens_elsewhere_and_too_large_a_film_is_not_read(office, item, monkeypatch):
    link = "https://www.bilibili.com/video/BV1xx"
    office.post(reverse("video_add", args=[item.public_id]), {"title": "试验线运行", "link": link})
    page = office.get(f"/achievements/{item.public_id}/")
    assert f'href="{link}"' in page.text and "noopener" in page.text and "<iframe" not in page.text
    monkeypatch.setattr("portfolio.services.videos.MAX_BYTES", 1000)
    data = {"title": "试验", "file": SimpleUploadedFile("film.mp4", film())}
    assert "每个视频最多 200 MB" in office.post(reverse("video_add", args=[item.public_id]), data).text
    assert MAX_BYTES == 200 * 1024 * 1024


def test_pictures_and_films_of_a_draft_are_not_public(client, django_capture_on_commit_callbacks):
    draft = make.achievement(registered=False, institution=make.institution())
    officer = make.institution_officer(draft.institution)
    picture = Picture(achievement=draft, uploaded_by=officer, status="ready", width=1, height=1)
    picture.small.save("a.webp", io.BytesIO(b"webp"))
    video = Video(achievement=draft, uploaded_by=officer, title="试验")
    video.file.save("a.mp4", io.BytesIO(b"film"))
    paths = [reverse("picture", kwargs={"public_id": picture.public_id, "size": "small"})]
    paths.append(reverse("video", args=[video.public_id]))
    assert [status_of(client, path) for path in paths] == [404, 404]
    client.force_login(officer)
    assert [status_of(client, path) for path in paths] == [200, 200]
    assert video.file.storage.exists(video.file.name)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("video_remove", args=[video.public_id]))
    assert not video.file.storage.exists(video.file.name) and status_of(client, paths[1]) == 404


def status_of(client, path: str) -> int:
    """Of the answer, whose file is read to its end and so closed."""
    response = client.get(path)
    assert not response.streaming or b"".join(response.streaming_content)
    return response.status_code


def test_a_drawing_is_shown_as_such_and_is_a_pdf_or_a_picture(office, item):
    address = reverse("attachment_add", args=[item.public_id])
    file = lambda: SimpleUploadedFile("装配图.pdf", uploads.PDF)  # noqa: E731
    office.post(address, {"file": file(), "kind": "drawing", "is_public": "on"})
    assert Attachment.objects.get().kind == "drawing"
    assert "图纸" in office.get(f"/achievements/{item.public_id}/").text
