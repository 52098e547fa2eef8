"""Scoring of honour candidates by their contracts. No Django, no database."""

from mechanism.honours.scoring import AttributedContract, CandidateScore, ContractScore, ScoringRule, score_candidates

__all__ = ["AttributedContract", "CandidateScore", "ContractScore", "ScoringRule", "score_candidates"]
