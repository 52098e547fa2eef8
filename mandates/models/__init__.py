from mandates.models.act import MandatedAct
from mandates.models.mandate import LONGEST_TERM, Mandate, Right, clients_of, mandate_for

__all__ = ["LONGEST_TERM", "Mandate", "MandatedAct", "Right", "clients_of", "mandate_for"]
