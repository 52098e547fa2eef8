"""图片和视频 of one achievement, for its office: upload, order, texts, removal."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from core.forms import PlainField
from portfolio.models import Picture, Video
from portfolio.own_items import own_item
from portfolio.services import pictures, videos

MOST_SENTENCES = 12


class VideoForm(forms.Form):
    title = PlainField(label="标题", max_length=60, error_messages={"required": "请写标题，例如“试验线运行”。"})
    file = forms.FileField(
        label="MP4 文件",
        required=False,
        help_text="不超过 200 MB",
        widget=forms.FileInput({"accept": "video/mp4,.mp4"}),
        error_messages={"empty": "这个文件是空的，请重新选择。"},
    )
    link = PlainField(label="或视频链接", max_length=300, required=False, widget=forms.URLInput())

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["link"].help_text = f"可以填：{'、'.join(settings.VIDEO_HOSTS)}，打开时跳转到那里"


@login_required
@require_safe
def gallery(request: UserRequest, public_id: str) -> HttpResponse:
    return _page(request, public_id)


def _page(request: UserRequest, public_id: str, *, form: VideoForm | None = None, texts=None) -> HttpResponse:
    """`texts`: {public id: (caption, alternative text)} as typed, if they could not be stored."""
    achievement = own_item(request.user, public_id)
    rows = list(achievement.pictures.kept())
    context = {
        "achievement": achievement,
        "rows": [(row, *(texts or {}).get(row.public_id, (row.caption, row.alt))) for row in rows],
        "most": pictures.MOST_PICTURES,
        "left": pictures.MOST_PICTURES - len(rows),
        "waiting": sum(row.status == Picture.Status.WAITING for row in rows),
        "videos": achievement.videos.kept(),
        "most_videos": videos.MOST_VIDEOS,
        "video_form": form or VideoForm(),
    }
    status = 422 if form or texts else 200
    return render(request, "portfolio/workbench/gallery.html", context, status=status)


@login_required
@require_POST
def picture_add(request: UserRequest, public_id: str) -> HttpResponse:
    """`pictures`: one or several files. Those that cannot be used are named, the others are stored."""
    achievement = own_item(request.user, public_id)
    uploads = request.FILES.getlist("pictures")
    if not uploads:
        messages.warning(request, "请先选择图片。")
    number, refused = pictures.add_pictures(achievement, uploads[: pictures.MOST_PICTURES], by=request.user)
    if number:
        messages.success(request, f"已上传 {number} 张，正在生成网页用的大小，几秒后可以显示。")
    if left := uploads[pictures.MOST_PICTURES :]:
        refused.append(f"一次最多 {pictures.MOST_PICTURES} 张，后面的 {len(left)} 张没有上传。")
    for sentence in refused[:MOST_SENTENCES]:
        messages.error(request, sentence)
    return _back(public_id)


@login_required
@require_POST
def picture_order(request: UserRequest, public_id: str) -> HttpResponse:
    """`order`: the public ids in the new order, as dragging posts them."""
    achievement = own_item(request.user, public_id)
    try:
        pictures.order_pictures(achievement, request.POST.getlist("order")[:100], by=request.user)
        messages.success(request, "顺序已保存，第一张是封面。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return _back(public_id)


@login_required
@require_POST
def picture_texts(request: UserRequest, public_id: str) -> HttpResponse:
    """`caption-<id>` and `alt-<id>` of each picture."""
    achievement = own_item(request.user, public_id)
    ids = [key.removeprefix("caption-") for key in request.POST if key.startswith("caption-")][:100]
    texts = {row: (_typed(request, f"caption-{row}"), _typed(request, f"alt-{row}")) for row in ids}
    try:
        number = pictures.describe_pictures(achievement, texts, by=request.user)
    except ValidationError as error:
        for sentence in error.messages:
            messages.error(request, sentence)
        return _page(request, public_id, texts=texts)
    messages.success(request, f"已保存 {number} 张图片的说明。" if number else "没有改动。")
    return _back(public_id)


@login_required
@require_POST
def picture_step(request: UserRequest, public_id: str) -> HttpResponse:
    """`step`: earlier, later, first or remove."""
    row = get_object_or_404(Picture.objects.managed_by(request.user).select_related("achievement"), public_id=public_id)
    step = request.POST.get("step", "")
    try:
        if step == "remove":
            pictures.remove_picture(row, by=request.user)
            messages.success(request, "已移除图片。")
        elif step in {"earlier", "later", "first"}:
            pictures.move_picture(row, step, by=request.user)
        else:
            raise Http404
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return _back(row.achievement.public_id, "" if step == "remove" else f"picture-{public_id}")


@login_required
@require_POST
def video_add(request: UserRequest, public_id: str) -> HttpResponse:
    achievement = own_item(request.user, public_id)
    form = VideoForm(request.POST, request.FILES)
    if form.is_valid():
        values = form.cleaned_data
        try:
            videos.add_video(
                achievement, title=values["title"], upload=values["file"], link=values["link"], by=request.user
            )
            messages.success(request, "已加入视频。")
            return _back(public_id, "videos")
        except ValidationError as error:
            form.add_error(None, error.messages)
    return _page(request, public_id, form=form)


@login_required
@require_POST
def video_remove(request: UserRequest, public_id: str) -> HttpResponse:
    row = get_object_or_404(Video.objects.managed_by(request.user).select_related("achievement"), public_id=public_id)
    try:
        videos.remove_video(row, by=request.user)
        messages.success(request, "已移除视频。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return _back(row.achievement.public_id, "videos")


def _typed(request: UserRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\0", "").strip()


def _back(public_id: str, anchor: str = "") -> HttpResponse:
    return redirect(reverse("gallery", args=[public_id]) + (f"#{anchor}" if anchor else ""))
