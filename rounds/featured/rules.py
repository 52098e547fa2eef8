"""Rules of the selection: number, weights, and quotas of institutions and industries."""

from dataclasses import dataclass, field, replace

MAX_ITEMS = 200
MAX_WEIGHT = 100
MAX_REST = 10
SIDES = ("institutions", "industries")
WEIGHTS = {"maturity": "技术成熟度", "fit": "与主题、重点产业契合", "needs": "背后的企业需求"}


class InvalidRulesError(ValueError):
    """Contradictory rules. The message is Chinese, for display."""


@dataclass(frozen=True, slots=True)
class Quota:
    """Bounds of one institution or industry: at least, and at most (None: no limit)."""

    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class GroupQuotas:
    """The default quota of each group that has candidates, and quotas of single groups by key."""

    each: Quota = Quota()
    special: dict[str, Quota] = field(default_factory=dict)

    def of(self, key: str) -> Quota:
        return self.special.get(key, self.each)


@dataclass(frozen=True, slots=True)
class SelectionRules:
    """`maturity`, `fit` and `needs` are weights (0–100, only their proportion counts); `rest` is the number of
    previous rounds whose items are excluded; `themes` are words, `key_industries` keys of industries."""

    number: int = 50
    maturity: int = 30
    fit: int = 30
    needs: int = 40
    rest: int = 2
    institutions: GroupQuotas = GroupQuotas(Quota(1, 12))
    industries: GroupQuotas = GroupQuotas(Quota(1, 8))
    themes: tuple[str, ...] = ()
    key_industries: tuple[str, ...] = ()

    def checked(self) -> "SelectionRules":
        """Return these rules. Raises InvalidRulesError if they are contradictory."""
        if not 1 <= self.number <= MAX_ITEMS:
            raise InvalidRulesError(f"推介数量要在 1 到 {MAX_ITEMS} 之间，现在是 {self.number}。")
        for name, words in WEIGHTS.items():
            if not 0 <= getattr(self, name) <= MAX_WEIGHT:
                raise InvalidRulesError(f"“{words}”的权重要在 0 到 {MAX_WEIGHT} 之间。")
        if not (self.maturity or self.fit or self.needs):
            raise InvalidRulesError("三项权重不能都是 0，至少有一项大于 0。")
        if not 0 <= self.rest <= MAX_REST:
            raise InvalidRulesError(f"避开前几场要在 0 到 {MAX_REST} 之间。")
        for side in SIDES:
            quotas = getattr(self, side)
            for quota in (quotas.each, *quotas.special.values()):
                _check_quota(quota)
        return self

    def with_quota(self, side: str, key: str, **changes) -> "SelectionRules":
        """Return rules with another minimum or maximum for one institution or industry."""
        quotas = getattr(self, side)
        special = quotas.special | {key: replace(quotas.of(key), **changes)}
        return replace(self, **{side: replace(quotas, special=special)})

    def as_stored(self) -> dict:
        """Return the rules as JSON data."""
        return {
            **{name: getattr(self, name) for name in ("number", "maturity", "fit", "needs", "rest")},
            "themes": list(self.themes),
            "key_industries": list(self.key_industries),
            **{side: _stored_quotas(getattr(self, side)) for side in SIDES},
        }

    @classmethod
    def from_stored(cls, stored: dict) -> "SelectionRules":
        """Build rules from `as_stored` data; missing keys get defaults. Raises InvalidRulesError."""
        try:
            values = {
                name: int(stored[name]) for name in ("number", "maturity", "fit", "needs", "rest") if name in stored
            }
            lists = {name: tuple(stored[name]) for name in ("themes", "key_industries") if name in stored}
            quotas = {side: _read_quotas(stored[side]) for side in SIDES if side in stored}
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise InvalidRulesError("保存的规则读不出来，请重新填写。") from error
        return cls(**values, **lists, **quotas).checked()


def _check_quota(quota: Quota) -> None:
    if not 0 <= quota.least <= MAX_ITEMS:
        raise InvalidRulesError(f"至少几项要在 0 到 {MAX_ITEMS} 之间，现在是 {quota.least}。")
    if quota.most is not None and not 0 <= quota.most <= MAX_ITEMS:
        raise InvalidRulesError(f"至多几项要在 0 到 {MAX_ITEMS} 之间，现在是 {quota.most}。")
    if quota.most is not None and quota.least > quota.most:
        raise InvalidRulesError(f"至少 {quota.least} 项大于至多 {quota.most} 项，请改其中一个。")


def _stored_quotas(quotas: GroupQuotas) -> dict:
    return {
        "each": [quotas.each.least, quotas.each.most],
        "special": {key: [quota.least, quota.most] for key, quota in sorted(quotas.special.items())},
    }


def _read_quotas(stored: dict) -> GroupQuotas:
    return GroupQuotas(
        _read_quota(stored["each"]), {str(key): _read_quota(pair) for key, pair in stored["special"].items()}
    )


def _read_quota(pair) -> Quota:
    least, most = pair
    return Quota(int(least), None if most is None else int(most))
