"""What the forms of a deal's and a contract's page share. Each calls one service when it is saved."""

from django import forms

from accounts.models import User
from core.forms import ServiceForm
from deals.models import Contract, Deal


def amount_field(label: str, **options) -> forms.DecimalField:
    """An amount in 万元."""
    return forms.DecimalField(label=label, min_value=0, max_digits=12, decimal_places=2, **options)


def text_area(label: str, max_length: int, **options) -> forms.CharField:
    return forms.CharField(label=label, max_length=max_length, widget=forms.Textarea({"rows": 2}), **options)


class DealForm(ServiceForm):
    """A form on the page of a deal. `action` names it in the request and is the prefix of its fields."""

    action = title = button = ""
    is_instrument = False

    def __init__(self, *args, deal: Deal, by: User, **kwargs):
        super().__init__(*args, prefix=self.action, **kwargs)
        self.deal, self.by = deal, by

    @property
    def is_main(self) -> bool:
        """Whether this is the usual next form, which is shown open."""
        return False


class ContractStepForm(ServiceForm):
    """A step with a contract. `action` names it in the request and is the prefix of its fields."""

    action = title = button = style = ""

    def __init__(self, *args, contract: Contract, by: User, **kwargs):
        super().__init__(*args, prefix=self.action, **kwargs)
        self.contract, self.by = contract, by
