"""发出的文字: all texts that the platform sends, and the page where the city words one of them."""

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import UserRequest
from core.downloads import send_download
from notices.forms import CityTextForm
from notices.models import CityText
from notices.services.city_texts import reset_city_text, send_test_mail
from notices.texts.checks import check_wording
from notices.texts.declared import SentText, Use, printer_of, sent_texts, text_of_key
from notices.texts.writing import TextWriter, wording_of

VIEW_TEXT = "notices.view_citytext"
VERSIONS_SHOWN = 10
FIXED = (
    (
        "账号安全的邮件",
        "重置密码、确认新邮箱、邮箱更换、二次验证变动、新设备登录",
        "写错一句就可能骗过本人，所以由平台固定。",
    ),
    (
        "别的一句话提醒",
        "区市县、市级和平台管理人员看的；评审专家的；单位成员、个人信息和诚信核查的",
        "由平台固定，其中成员、个人信息和诚信的写错一句会误导本人或当事方。",
    ),
)
"""What is sent and not worded here: name, what it is, why."""


@require_safe
def texts(request: UserRequest) -> HttpResponse:
    """By group, with what the city has changed."""
    _require_reader(request)
    rows = (
        CityText.objects.visible_to(request.user).select_related("made_by").order_by("key", "-number").distinct("key")
    )
    latest = {row.key: row for row in rows}
    groups: dict[str, list[tuple[SentText, CityText | None]]] = {}
    for each in sent_texts():
        row = latest.get(each.key)
        groups.setdefault(each.group, []).append((each, row if row and not row.is_reset else None))
    context = {"groups": groups.items(), "fixed": FIXED, "number": len(sent_texts())}
    return render(request, "notices/staff/sent_texts.html", context)


@require_http_methods(["GET", "POST"])
def text(request: UserRequest, key: str) -> HttpResponse:
    """One text with its preview. A POST saves it, shows how it looks, mails it to the user alone, or restores it."""
    _require_reader(request)
    try:
        sent = text_of_key(key)
    except KeyError as error:
        raise Http404 from error
    wording = wording_of(key)
    initial = {"subject": wording.subject, "body": wording.body, "line": wording.line}
    form, status = CityTextForm(initial=initial, text=sent, by=request.user), 200
    if request.method == "POST":
        if not request.user.scope.is_city:
            raise PermissionDenied
        deed = request.POST.get("deed")
        if deed == "reset":
            return _reset(request, sent)
        form = CityTextForm(request.POST, text=sent, by=request.user)
        if deed not in ("save", "preview", "test", "print"):
            raise BadRequest
        if form.is_valid() and deed == "save" and form.save():
            messages.success(request, f"“{sent.name}”已保存。以后发出的都用新的文字。")
            return redirect("admin:notices_text", key)
        if form.is_valid() and deed == "test":
            _test(request, form)
        if form.is_valid() and deed == "print" and (paper := _paper(form)):
            return paper
        status = 422 if form.errors else 200
    return render(request, "notices/staff/sent_text.html", _context(request, sent, form), status=status)


def _context(request: UserRequest, sent: SentText, form: CityTextForm) -> dict:
    versions = CityText.objects.visible_to(request.user).filter(key=sent.key).select_related("made_by")
    return {
        "text": sent,
        "form": form,
        "is_citys": wording_of(sent.key).is_citys,
        "may_change": request.user.scope.is_city,
        "has_test": sent.use == Use.MAIL,
        "printer": printer_of(sent),
        "placeholders": [(name, field, name in sent.required) for name, field in sent.placeholders.items()],
        "preview": TextWriter(sent.key, form.wording).write(sent.examples),
        "versions": versions.order_by("-number")[:VERSIONS_SHOWN],
    }


def _test(request: UserRequest, form: CityTextForm) -> None:
    try:
        address = send_test_mail(form.text, form.wording, by=request.user)
        messages.success(request, f"已试发到您的邮箱 {address}，用的是示例内容，没有保存。")
    except ValidationError as refusal:
        form.add_error(None, refusal.messages)


def _paper(form: CityTextForm) -> HttpResponse | None:
    """What stands in the form as a paper with example values; None if it has none or cannot be printed."""
    text, wording, printer = form.text, form.wording, printer_of(form.text)
    if printer is None:
        return None
    try:
        check_wording(text, subject=wording.subject, body=wording.body, line=wording.line)
        paper = printer.write(TextWriter(text.key, wording).write(text.examples))
    except ValidationError as refusal:
        form.add_error(None, refusal.messages)
        return None
    return send_download(paper, f"{text.name}（试打印）.{printer.suffix}", printer.content_type)


def _reset(request: UserRequest, sent: SentText) -> HttpResponse:
    try:
        reset_city_text(sent, by=request.user)
        messages.success(request, "已恢复平台自带的文字。以前的版本还在下面。")
    except ValidationError as refusal:
        messages.info(request, "".join(refusal.messages))
    return redirect("admin:notices_text", sent.key)


def _require_reader(request: UserRequest) -> None:
    if not (request.user.has_perm(VIEW_TEXT) and request.user.scope.sees_all):
        raise PermissionDenied
