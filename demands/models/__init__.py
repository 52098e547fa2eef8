"""Demands with their indicators, the files attached to them, and who may read and has read what is not public."""

from demands.models.agreement import Agreement, AgreementCopy
from demands.models.demand import Demand, DemandIndicator, DemandQuerySet
from demands.models.disclosure import DemandFile, DemandReading, Undertaking
from demands.models.exposure import ExposureConsent
from demands.models.revision import DemandRevision
from demands.models.standing import Solution

__all__ = [
    "Agreement",
    "AgreementCopy",
    "Demand",
    "DemandFile",
    "DemandIndicator",
    "DemandQuerySet",
    "DemandReading",
    "DemandRevision",
    "ExposureConsent",
    "Solution",
    "Undertaking",
]
