"""Deals, their contracts with the registration, payments and the instruments a deal can use."""

from deals.models.confirmation import Confirmation
from deals.models.contract import Contract
from deals.models.deal import Deal, DealFile, DealStep, Payment, active_deals_prefetch
from deals.models.instrument import (
    EquityStake,
    InvestThenShare,
    Landing,
    OpenChallenge,
    PayLater,
    PriceObjection,
    PricePublicity,
)
from deals.models.registration import RegistrationRule

__all__ = [
    "Confirmation",
    "Contract",
    "Deal",
    "DealFile",
    "DealStep",
    "EquityStake",
    "InvestThenShare",
    "Landing",
    "OpenChallenge",
    "PayLater",
    "Payment",
    "PriceObjection",
    "PricePublicity",
    "RegistrationRule",
    "active_deals_prefetch",
]
