from mandates.models.act import MandatedAct
from mandates.models.document import ReplacedDocument
from mandates.models.mandate import LONGEST_TERM, Mandate, Right, clients_of, mandate_for

__all__ = ["LONGEST_TERM", "Mandate", "MandatedAct", "ReplacedDocument", "Right", "clients_of", "mandate_for"]
