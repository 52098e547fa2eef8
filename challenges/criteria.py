"""The four criteria by which experts score bids."""

CRITERIA = {
    "industry": "产业带动作用",
    "basis": "研究基础",
    "technology": "技术指标",
    "finance": "财务指标",
}
LEAST_RECOMMENDED = 60
"""The weighted mean score from which a bid may be recommended."""
