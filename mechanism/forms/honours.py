"""Form of an objection to a publicised honour list."""

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from core.forms import model_choice
from deals.models import Contract
from mechanism.models import Candidate
from mechanism.models.honour import CandidateQuerySet
from mechanism.score_breakdowns import contracts_open_to_objection
from mechanism.services.honours import submit_objection


class ContractChoiceField(forms.ModelChoiceField):
    def label_from_instance(self, contract: Contract) -> str:
        return f"{contract.number} {contract.name}"


class ObjectionForm(forms.Form):
    """An objection to one of `candidates`. The contract field is omitted if `by` may not name any contract."""

    candidate = forms.ModelChoiceField(
        Candidate.objects.none(), label="针对哪位候选", to_field_name="public_id", empty_label="请选择"
    )
    contract = ContractChoiceField(
        Contract.objects.none(), label="合同", to_field_name="public_id", required=False,
        empty_label="不针对某一份合同", help_text="列出您能看到的、参与计算的合同",
    )  # fmt: skip
    text = forms.CharField(
        label="事实和理由", max_length=1000, min_length=10, widget=forms.Textarea({"rows": 4}),
        help_text="不少于 10 个字；只有市科技局能看到",
    )  # fmt: skip

    def __init__(self, *args, candidates: CandidateQuerySet, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by
        model_choice(self, "candidate").queryset = candidates
        contracts = contracts_open_to_objection(candidates, by=by).order_by("number", "pk")
        model_choice(self, "contract").queryset = contracts
        if not contracts:
            del self.fields["contract"]
        if len(candidates) == 1:
            model_choice(self, "candidate").empty_label = None

    def save(self) -> bool:
        """False if the service rejects the objection; its message becomes a form error."""
        values = self.cleaned_data
        try:
            submit_objection(values["candidate"], text=values["text"], contract=values.get("contract"), by=self.by)
        except ValidationError as error:
            self.add_error(None, error)
            return False
        return True
