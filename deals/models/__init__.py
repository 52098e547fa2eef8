"""Deals, their contracts with the registration, payments and the instruments a deal can use."""

from deals.models.confirmation import Confirmation
from deals.models.contract import Contract
from deals.models.deal import Deal, DealFile, DealStep, active_deals_prefetch
from deals.models.evidence import CheckedRecord, CheckResult
from deals.models.figure_effect import FigureEffect
from deals.models.income import IncomeCase, IncomeShare
from deals.models.instrument import (
    EquityStake,
    InvestThenShare,
    OpenChallenge,
    PayLater,
    PriceObjection,
    PricePublicity,
)
from deals.models.landing import Landing
from deals.models.payment import Instalment, Payment
from deals.models.payment_letter import PaymentLetter
from deals.models.registration import RegistrationRule

__all__ = [
    "CheckResult",
    "CheckedRecord",
    "Confirmation",
    "Contract",
    "Deal",
    "DealFile",
    "DealStep",
    "EquityStake",
    "FigureEffect",
    "IncomeCase",
    "IncomeShare",
    "Instalment",
    "InvestThenShare",
    "Landing",
    "OpenChallenge",
    "PayLater",
    "Payment",
    "PaymentLetter",
    "PriceObjection",
    "PricePublicity",
    "RegistrationRule",
    "active_deals_prefetch",
]
