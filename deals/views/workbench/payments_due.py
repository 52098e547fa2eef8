"""Instalments that have to be paid (应付款), and the letters that remind of them (催付函)."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.requests import UserRequest
from core.downloads import send_download
from core.pagination import PAGE_SIZE
from core.word_templates import WordTemplateError
from deals.forms.payment_letter import PaymentLetterForm
from deals.letters import letter_as_word, letter_context
from deals.lists.filters import ContractFilter
from deals.models import Contract, Instalment, PaymentLetter
from deals.services.payment_letters import latest_letters, letter_obstacle, may_send_letter

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SOON = timedelta(days=30)
TABS = {"overdue": "已逾期", "soon": "30 天内到期", "": "全部未付"}


@login_required
@require_safe
def payments_due(request: UserRequest) -> HttpResponse:
    """The unpaid instalments of contracts that the user may see; `?show=` a key of TABS, `?q=` words."""
    visible = _found(Instalment.objects.visible_to(request.user), request.GET.get("q", ""))
    tab = request.GET.get("show", "")
    tab = tab if tab in TABS else ""
    page = Paginator(_of_tab(visible, tab).order_by("due_on", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    rows, today = list(page), timezone.localdate()
    letters = latest_letters(rows)
    context = {
        "page": page,
        "rows": [
            {
                "instalment": row,
                "late_days": max((today - row.due_on).days, 0),
                "letter": letters.get(row.pk),
                "may_send": row.due_on < today and may_send_letter(row.contract, request.user),
            }
            for row in rows
        ],
        "tab": tab,
        "tabs": [(key, label, _of_tab(visible, key).count()) for key, label in TABS.items()],
        "q": request.GET.get("q", "")[:100],
    }
    return render(request, "deals/workbench/payments_due.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def payment_letter_new(request: UserRequest, public_id: str) -> HttpResponse:
    """Send a letter about an instalment, with those that were sent before."""
    instalment = get_object_or_404(_instalments(request.user), public_id=public_id)
    if not may_send_letter(instalment.contract, request.user):
        raise PermissionDenied("催付函由转让方和区县、市级专员发出。")
    form = PaymentLetterForm(request.POST or None, instalment=instalment, by=request.user)
    if request.method == "POST" and form.is_valid() and form.save():
        letter = form.letter
        number = letter.notified_count
        how = f"对方有 {number} 位用户会收到消息" if number else "对方在平台上没有用户，请下载后寄送"
        messages.success(request, f"已记下催付函。{how}。")
        return redirect("payment_letter", letter.public_id)
    letters = list(instalment.letters.select_related("sender", "sent_by"))
    context = {
        "instalment": instalment,
        "contract": instalment.contract,
        "form": form,
        "obstacle": letter_obstacle(instalment, letters[0] if letters else None),
        "letters": letters,
        "late_days": max((timezone.localdate() - instalment.due_on).days, 0),
        "unpaid": Instalment.objects.unpaid().filter(pk=instalment.pk).first(),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "deals/workbench/payment_letter_new.html", context, status=status)


@login_required
@require_safe
def payment_letter(request: UserRequest, public_id: str) -> HttpResponse:
    """A letter as it was sent, for both sides and the staff."""
    letter = _letter_or_404(request.user, public_id)
    context = {"letter": letter, "contract": letter.instalment.contract, "text": letter_context(letter)}
    return render(request, "deals/workbench/payment_letter.html", context)


@login_required
@require_safe
def payment_letter_word(request: UserRequest, public_id: str) -> HttpResponse:
    letter = _letter_or_404(request.user, public_id)
    try:
        content = letter_as_word(letter)
    except WordTemplateError as error:
        messages.error(request, str(error))
        return redirect("payment_letter", public_id)
    return send_download(content, f"付款提醒函_{letter.public_id}.docx", DOCX)


def _of_tab(rows: QuerySet[Instalment], tab: str) -> QuerySet[Instalment]:
    unpaid = rows.unpaid().select_related("contract__seller", "contract__buyer")  # type: ignore[attr-defined]
    today = timezone.localdate()
    if tab == "overdue":
        return unpaid.filter(due_on__lt=today)
    return unpaid.filter(due_on__gte=today, due_on__lte=today + SOON) if tab == "soon" else unpaid


def _found(rows: QuerySet[Instalment], words: str) -> QuerySet[Instalment]:
    """The instalments of contracts that the list of contracts finds with these words."""
    chosen = ContractFilter({"q": words})
    if not chosen.values:
        return rows
    return rows.filter(contract__in=chosen.narrow(Contract.objects.all()).order_by().values("pk"))


def _instalments(user: User) -> QuerySet[Instalment]:
    related = ("contract__seller", "contract__buyer", "contract__deal")
    return Instalment.objects.visible_to(user).planned().select_related(*related)


def _letter_or_404(user: User, public_id: str) -> PaymentLetter:
    letters = PaymentLetter.objects.visible_to(user).select_related("sender", "sent_by", "instalment__contract")
    return get_object_or_404(letters, public_id=public_id)
