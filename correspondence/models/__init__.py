from correspondence.models.handover import Handover
from correspondence.models.letter import CompleterLetter, LetterPreference, LetterSettings

__all__ = ["CompleterLetter", "Handover", "LetterPreference", "LetterSettings"]
