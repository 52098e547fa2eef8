"""The figures once more, as SQL written by hand, so that an error of the engine is not repeated here.

Each statement yields one line per counted row, for all periods: `day`, `ends`, `amount`, `numerator`, the dimensions
(`region`, `industry`, `institution`, `agency`, `round`, `kind`) and for each part `part_<key>`: what of the row's
amount is in the part, NULL if the row is not in it; 0 for figures that count rows. A statement may use `%(as_of)s`.
"""

FINAL = "('confirmed', 'proven')"


def day_of(moment: str) -> str:
    return f"({moment} AT TIME ZONE 'Asia/Shanghai')::date"


def says(subject: str, row: str, role: str, party: str, holder: str = "organisation_id") -> str:
    """The party in a role confirmed the row as it is."""
    return (
        f"EXISTS (SELECT 1 FROM deals_confirmation c WHERE c.subject = '{subject}' AND c.subject_id = {row}.id"
        f" AND c.role = '{role}' AND c.{holder} = {party} AND c.facts_hash = {row}.facts_hash AND c.status IN {FINAL})"
    )


def undisputed(subject: str, row: str) -> str:
    return (
        f"NOT EXISTS (SELECT 1 FROM deals_confirmation o WHERE o.subject = '{subject}' AND o.subject_id = {row}.id"
        f" AND o.objected_at IS NOT NULL AND o.decision IN ('', 'upheld'))"
    )


def related(seller: str, buyer: str, day: str) -> str:
    return f"""(COALESCE({seller} = {buyer}, false) OR EXISTS (
        SELECT 1 FROM mechanism_relatedparties p
        WHERE ((p.one_id = {seller} AND p.other_id = {buyer}) OR (p.one_id = {buyer} AND p.other_id = {seller}))
        AND (p.ended_on IS NULL OR p.ended_on > {day})
        AND NOT EXISTS (SELECT 1 FROM deals_confirmation u WHERE u.subject = 'mechanism.relatedparties'
            AND u.subject_id = p.id AND u.decision = 'upheld'))
        OR EXISTS (SELECT 1 FROM integrity_ownership h
        WHERE ((h.owner_id = {seller} AND h.owned_id = {buyer}) OR (h.owner_id = {buyer} AND h.owned_id = {seller}))
        AND (h.held_from IS NULL OR h.held_from <= {day}) AND (h.ended_on IS NULL OR h.ended_on > {day})
        AND NOT EXISTS (SELECT 1 FROM deals_confirmation u WHERE u.subject = 'integrity.ownership'
            AND u.subject_id = h.id AND u.decision = 'upheld')))"""


def office_accepted(row: str) -> str:
    """The registration office has checked the payment or landing as it is."""
    return f"({row}.check_result = 'accepted' AND {row}.checked_hash = {row}.evidence_hash)"


def decided(effect: str, column: str, row: str) -> str:
    """A city officer decided so about the contract or payment."""
    return f"EXISTS (SELECT 1 FROM deals_figureeffect e WHERE e.{column}_id = {row}.id AND e.effect = '{effect}')"


SURE_DEAL = (
    f"({undisputed('deals.deal', 'd')} AND {says('deals.deal', 'd', 'seller', 'd.seller_id')}"
    f" AND {says('deals.deal', 'd', 'buyer', 'd.buyer_id')})"
)
FROM_PLATFORM = f"SELECT d.id FROM deals_deal d WHERE d.origin <> 'outside' AND {SURE_DEAL}"
MONEY_IN = f"""
    SELECT y.deal_id, sum(y.amount_wan) AS got FROM deals_payment y JOIN deals_deal d ON d.id = y.deal_id
    WHERE y.struck_at IS NULL AND {undisputed("deals.payment", "y")} AND NOT {decided("excluded", "payment", "y")}
    AND {office_accepted("y")}
    AND {says("deals.payment", "y", "seller", "d.seller_id")} AND {says("deals.payment", "y", "buyer", "d.buyer_id")}
    AND {SURE_DEAL} GROUP BY 1"""
COUNTED_CONTRACTS = f"""
    SELECT t.*, COALESCE(sum(t.amount_wan) OVER (PARTITION BY t.deal_id ORDER BY t.registered_on, t.id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS earlier
    FROM deals_contract t WHERE t.status = 'registered' AND {undisputed("deals.contract", "t")}
    AND NOT {decided("excluded", "contract", "t")}
    AND ((t.official_hash <> '' AND t.official_hash = t.list_hash)
        OR ({says("deals.contract", "t", "seller", "t.seller_id")}
            AND {says("deals.contract", "t", "buyer", "t.buyer_id")}))"""
UNPAID = """CASE WHEN t.deal_id IS NULL THEN t.amount_wan
    ELSE t.amount_wan - GREATEST(0, LEAST(t.amount_wan, COALESCE(money.got, 0) - t.earlier)) END"""
FOUNDED_HERE = f"""EXISTS (SELECT 1 FROM deals_landing l JOIN deals_deal ld ON ld.id = l.deal_id
    WHERE l.deal_id = t.deal_id AND l.kind = 'company' AND l.region_id IS NOT NULL AND l.landed_on <= %(as_of)s
    AND l.credit_code <> '' AND {office_accepted("l")}
    AND {undisputed("deals.landing", "l")} AND {says("deals.landing", "l", "seller", "ld.seller_id")}
    AND {says("deals.landing", "l", "buyer", "ld.buyer_id")})"""
WATCHED = """SELECT w.organisation_id FROM mechanism_raterule_institutions w WHERE w.raterule_id =
    (SELECT r.id FROM mechanism_raterule r WHERE r.valid_from <= %(as_of)s ORDER BY r.valid_from DESC LIMIT 1)"""
MONITORED = f"""(t.seller_id IN ({WATCHED}) OR (NOT EXISTS ({WATCHED})
    AND t.seller_id IN (SELECT o.id FROM accounts_organisation o WHERE o.kind = 'institution' AND o.is_local)))"""
SOLD_HERE = "t.is_seller_local"


def contracts(
    where: str, *, amount: str = "t.amount_wan", region: str = "t.seller_region_id", unpaid: bool = True
) -> str:
    whole = "0" if amount == "NULL" else amount
    payments = f"""
        , CASE WHEN {UNPAID} > 0 THEN {"0" if amount == "NULL" else UNPAID} END AS part_unpaid
        , CASE WHEN money.got IS NULL THEN COALESCE({whole}, 0) END AS part_unrecorded"""
    return f"""
        SELECT t.registered_on AS day, NULL::date AS ends, {amount} AS amount,
            t.is_buyer_local IS TRUE OR {FOUNDED_HERE} AS numerator,
            {region} AS region, COALESCE(i.parent_id, t.industry_id) AS industry, t.seller_id AS institution,
            COALESCE(t.agency_id, b.agency_id) AS agency, COALESCE(m.docking_round_id, run.docking_round_id) AS round,
            NULLIF(t.kind, '') AS kind,
            CASE WHEN t.deal_id IN ({FROM_PLATFORM}) THEN COALESCE({whole}, 0) END AS part_platform,
            CASE WHEN {related("t.seller_id", "t.buyer_id", "t.registered_on")} OR {decided("related", "contract", "t")}
                THEN COALESCE({whole}, 0) END AS part_related
            {payments if unpaid else ""}
        FROM ({COUNTED_CONTRACTS}) t LEFT JOIN taxonomy_industry i ON i.id = t.industry_id
        LEFT JOIN brokers_broker b ON b.id = t.broker_id LEFT JOIN deals_deal dd ON dd.id = t.deal_id
        LEFT JOIN rounds_meeting m ON m.id = dd.meeting_id LEFT JOIN matching_followup f ON f.id = dd.follow_up_id
        LEFT JOIN matching_match x ON x.id = f.match_id
        LEFT JOIN (SELECT id AS docking_round_id, match_run_id FROM rounds_dockinground) run
            ON run.match_run_id = x.first_run_id
        LEFT JOIN ({MONEY_IN}) money ON money.deal_id = t.deal_id
        WHERE {where}"""


SIGNED_STAGES = "('signed', 'registered', 'performing', 'landed', 'reviewed')"
SIGNED_ON = f"""COALESCE((SELECT min(s.on) FROM deals_dealstep s WHERE s.deal_id = d.id AND s.stage IN {SIGNED_STAGES}),
    d.stage_on)"""


def deals(where: str, *, day: str = SIGNED_ON, amount: str = "NULL") -> str:
    whole = "0" if amount == "NULL" else f"COALESCE({amount}, 0)"
    return f"""
        SELECT {day} AS day, NULL::date AS ends, {amount} AS amount, firm.stat_region_id AS region,
            COALESCE(ai.parent_id, a.industry_id, oi.parent_id, oa.industry_id) AS industry, d.seller_id AS institution,
            COALESCE(d.agency_id, b.agency_id) AS agency,
            COALESCE(m.docking_round_id, (SELECT r.id FROM rounds_dockinground r WHERE r.match_run_id = x.first_run_id))
                AS round,
            CASE WHEN d.origin <> 'outside' THEN {whole} END AS part_platform,
            CASE WHEN {related("d.seller_id", "d.buyer_id", day_of("d.made_at"))} THEN {whole} END AS part_related
        FROM deals_deal d LEFT JOIN accounts_organisation firm ON firm.id = d.buyer_id
        LEFT JOIN matching_followup f ON f.id = d.follow_up_id LEFT JOIN matching_match x ON x.id = f.match_id
        LEFT JOIN achievements_achievement a ON a.id = x.achievement_id
        LEFT JOIN taxonomy_industry ai ON ai.id = a.industry_id
        LEFT JOIN achievements_achievement oa ON oa.id = d.outside_achievement_id
        LEFT JOIN taxonomy_industry oi ON oi.id = oa.industry_id
        LEFT JOIN brokers_broker b ON b.id = d.broker_id LEFT JOIN rounds_meeting m ON m.id = d.meeting_id
        WHERE {SURE_DEAL} AND {where}"""


def items(*, parts: bool) -> str:
    extra = """
        , CASE WHEN EXISTS (SELECT 1 FROM matching_match x WHERE x.achievement_id = a.id AND x.status = 'accepted')
            THEN 0 END AS part_platform
        , CASE WHEN a.evaluation <> '' AND a.evaluated_by <> '' THEN 0 END AS part_evaluated
        , CASE WHEN a.maturity_level IS NOT NULL AND a.maturity_evidence <> '' THEN 0 END AS part_evidenced
        , CASE WHEN a.status = 'transferred' THEN 0 END AS part_transferred"""
    return f"""
        SELECT {day_of("a.registered_at")} AS day, NULL::date AS ends, NULL AS amount, o.stat_region_id AS region,
            COALESCE(i.parent_id, a.industry_id) AS industry, a.institution_id AS institution {extra if parts else ""}
        FROM achievements_achievement a JOIN accounts_organisation o ON o.id = a.institution_id
        JOIN taxonomy_industry i ON i.id = a.industry_id
        WHERE a.registry_number IS NOT NULL AND a.status <> 'withdrawn'"""


def funds(amount: str) -> str:
    """The funds of the seeded city have no history of sizes; tests/mechanism/test_funds.py has one."""
    return f"SELECT valid_from AS day, valid_to AS ends, {amount} AS amount, kind FROM mechanism_fund"


def approaches(where: str, *, day: str = day_of("p.sent_at")) -> str:
    return f"""
        SELECT {day} AS day, NULL::date AS ends, NULL AS amount, p.kind, firm.stat_region_id AS region,
            p.institution_id AS institution,
            COALESCE(ai.parent_id, a.industry_id, di.parent_id, n.industry_id) AS industry
        FROM enquiries_approach p JOIN accounts_organisation firm ON firm.id = p.firm_id
        LEFT JOIN achievements_achievement a ON a.id = p.achievement_id
        LEFT JOIN taxonomy_industry ai ON ai.id = a.industry_id LEFT JOIN demands_demand n ON n.id = p.demand_id
        LEFT JOIN taxonomy_industry di ON di.id = n.industry_id LEFT JOIN matching_followup f ON f.match_id = p.match_id
        WHERE {where}"""


CALLS = """FROM challenges_challenge h JOIN demands_demand n ON n.id = h.demand_id
    JOIN accounts_organisation firm ON firm.id = n.firm_id LEFT JOIN taxonomy_industry di ON di.id = n.industry_id"""
CALL_COLUMNS = "firm.stat_region_id AS region, COALESCE(di.parent_id, n.industry_id) AS industry"


BEGUN = "r.status IN ('running', 'closed', 'archived')"
PAIR = """JOIN matching_match x ON x.id = f.match_id JOIN demands_demand n ON n.id = x.demand_id
    JOIN accounts_organisation firm ON firm.id = n.firm_id JOIN achievements_achievement a ON a.id = x.achievement_id
    JOIN taxonomy_industry i ON i.id = a.industry_id
    LEFT JOIN rounds_dockinground run ON run.match_run_id = x.first_run_id"""
FIRST_INTENT = (
    "(SELECT min(s.made_at) FROM matching_followupstep s WHERE s.follow_up_id = f.id AND s.status = 'intent')"
)
PAIR_COLUMNS = "firm.stat_region_id AS region, COALESCE(i.parent_id, a.industry_id) AS industry"


def latest_word(side: str) -> str:
    """(stance, said_at) of the latest word that a side said itself."""
    return f"""LEFT JOIN LATERAL (SELECT w.stance, w.said_at FROM matching_sidestatement w WHERE w.match_id = f.match_id
        AND w.side = '{side}' AND w.capacity IN ('account', 'code', 'link')
        ORDER BY w.said_at DESC, w.id DESC LIMIT 1) {side}_word ON true"""


SINCE = "GREATEST(f.consent_since, f.intent_since)"
STANDS = {
    side: f"CASE WHEN {side}_word.stance = 'intent' AND ({SINCE} IS NULL OR {side}_word.said_at > {SINCE})"
    f" THEN {side}_word.said_at END"
    for side in ("firm", "office")
}
ONE_INTENT = f"GREATEST({STANDS['firm']}, {STANDS['office']})"
SURE_VENTURE = f"""{undisputed("mechanism.venture", "v")}
    AND {says("mechanism.venture", "v", "source", "a.institution_id")}
    AND (v.organisation_id IS NULL OR {says("mechanism.venture", "v", "company", "v.organisation_id")})"""
SURE_INVESTMENT = f"""{undisputed("mechanism.investment", "q")}
    AND (q.firm_id IS NULL OR {says("mechanism.investment", "q", "company", "q.firm_id")})
    AND (q.achievement_id IS NULL OR {says("mechanism.investment", "q", "source", "a.institution_id")})"""


def ventures(amount: str) -> str:
    return f"""SELECT v.founded_on AS day, NULL::date AS ends, {amount} AS amount, v.region_id AS region,
        a.institution_id AS institution, v.stage AS kind
        FROM mechanism_venture v JOIN achievements_achievement a ON a.id = v.achievement_id
        WHERE v.stage <> 'closed' AND {SURE_VENTURE}"""


def investments(amount: str) -> str:
    return f"""SELECT q.invested_on AS day, NULL::date AS ends, {amount} AS amount, u.kind
        FROM mechanism_investment q JOIN mechanism_fund u ON u.id = q.fund_id
        LEFT JOIN achievements_achievement a ON a.id = q.achievement_id WHERE {SURE_INVESTMENT}"""


POLICY = """(SELECT l.public_id FROM mechanism_policy l JOIN mechanism_subsidybudget g ON g.policy_id = l.id
    JOIN mechanism_subsidycall w ON w.budget_id = g.id WHERE w.id = n.call_id)"""


def payouts(amount: str) -> str:
    return f"""SELECT o.paid_on AS day, NULL::date AS ends, {amount} AS amount, {POLICY} AS kind
        FROM mechanism_subsidypayout o JOIN mechanism_subsidyapplication n ON n.id = o.application_id
        WHERE o.struck_at IS NULL"""


FIGURE_SQL = {
    "turnover": contracts(SOLD_HERE),
    "local_rate": contracts(MONITORED),
    "contracts": contracts(SOLD_HERE, amount="NULL"),
    "tech_turnover": contracts(SOLD_HERE, amount="t.tech_amount_wan", unpaid=False),
    "absorbed": contracts("t.is_buyer_local", region="t.buyer_region_id"),
    "absorbed_contracts": contracts("t.is_buyer_local", region="t.buyer_region_id", amount="NULL"),
    "paid": f"""SELECT y.received_on AS day, NULL::date AS ends, y.amount_wan AS amount, firm.stat_region_id AS region,
        d.seller_id AS institution, d.agency_id AS agency,
        CASE WHEN d.origin <> 'outside' THEN y.amount_wan END AS part_platform,
        CASE WHEN {related("d.seller_id", "d.buyer_id", "y.received_on")} THEN y.amount_wan END AS part_related
        FROM deals_payment y JOIN deals_deal d ON d.id = y.deal_id
        LEFT JOIN accounts_organisation firm ON firm.id = d.buyer_id
        WHERE y.struck_at IS NULL AND {SURE_DEAL} AND {undisputed("deals.payment", "y")}
        AND NOT {decided("excluded", "payment", "y")} AND {office_accepted("y")}
        AND {says("deals.payment", "y", "seller", "d.seller_id")}
        AND {says("deals.payment", "y", "buyer", "d.buyer_id")}""",
    "funds": funds("subscribed_wan"),
    "funds_paid_in": funds("paid_in_wan"),
    "fund_count": funds("NULL"),
    "agencies": f"""SELECT {day_of("g.verified_at")} AS day, NULL::date AS ends, NULL AS amount,
        o.stat_region_id AS region, g.kind, g.id AS agency
        FROM brokers_agency g JOIN accounts_organisation o ON o.id = g.organisation_id
        WHERE g.verified_at IS NOT NULL AND o.is_active""",
    "items": items(parts=True),
    "items_new": items(parts=False),
    "rounds": f"""SELECT {day_of("r.starts_at")} AS day, NULL::date AS ends, NULL AS amount, h.stat_region_id AS region,
        r.host_kind AS kind, r.id AS round
        FROM rounds_dockinground r LEFT JOIN accounts_organisation h ON h.id = r.host_id WHERE {BEGUN}""",
    "featured": f"""SELECT {day_of("r.starts_at")} AS day, NULL::date AS ends, NULL AS amount, r.id AS round,
        o.stat_region_id AS region, COALESCE(i.parent_id, a.industry_id) AS industry, o.id AS institution
        FROM rounds_dockinground_featured e JOIN rounds_dockinground r ON r.id = e.dockinground_id
        JOIN achievements_achievement a ON a.id = e.achievement_id JOIN taxonomy_industry i ON i.id = a.industry_id
        JOIN accounts_organisation o ON o.id = a.institution_id WHERE {BEGUN}""",
    "firms": f"""SELECT {day_of("r.starts_at")} AS day, NULL::date AS ends, NULL AS amount, r.id AS round,
        o.stat_region_id AS region FROM rounds_party g JOIN rounds_dockinground r ON r.id = g.docking_round_id
        JOIN accounts_organisation o ON o.id = g.organisation_id
        WHERE {BEGUN} AND g.side = 'firm' AND g.answer = 'coming' AND g.absent_at IS NULL""",
    "meetings": f"""SELECT COALESCE({day_of("m.begun_at")}, {day_of("r.starts_at")}) AS day, NULL::date AS ends,
        NULL AS amount, r.id AS round, o.stat_region_id AS region, team.organisation_id AS institution,
        COALESCE(i.parent_id, a.industry_id) AS industry, CASE WHEN m.match_id IS NOT NULL THEN 0 END AS part_platform
        FROM rounds_meeting m JOIN rounds_dockinground r ON r.id = m.docking_round_id
        JOIN rounds_party g ON g.id = m.firm_party_id JOIN accounts_organisation o ON o.id = g.organisation_id
        JOIN rounds_party team ON team.id = m.institution_party_id LEFT JOIN matching_match x ON x.id = m.match_id
        LEFT JOIN achievements_achievement a ON a.id = x.achievement_id
        LEFT JOIN taxonomy_industry i ON i.id = a.industry_id WHERE m.status = 'held'""",
    "intents": f"""SELECT {day_of(FIRST_INTENT)} AS day, NULL::date AS ends, NULL AS amount, {PAIR_COLUMNS},
        a.institution_id AS institution, COALESCE(m.docking_round_id, run.id) AS round
        FROM matching_followup f {PAIR} LEFT JOIN deals_deal d ON d.follow_up_id = f.id
        LEFT JOIN rounds_meeting m ON m.id = d.meeting_id
        WHERE f.status <> 'withdrawn' AND {FIRST_INTENT} IS NOT NULL""",
    "intents_one_sided": f"""SELECT {day_of(ONE_INTENT)} AS day, NULL::date AS ends, NULL AS amount, {PAIR_COLUMNS},
        a.institution_id AS institution, run.id AS round
        FROM matching_followup f {PAIR} {latest_word("firm")} {latest_word("office")}
        WHERE f.status IN ('asking', 'talks') AND {ONE_INTENT} IS NOT NULL""",
    "signed": deals(f"d.stage IN {SIGNED_STAGES}"),
    "signed_money": deals(f"d.stage IN {SIGNED_STAGES}", amount="d.signed_wan"),
    "intent_money": deals("d.stage <> 'failed'", day=day_of("d.made_at"), amount="d.intent_wan"),
    "challenges": f"""SELECT {day_of("h.published_at")} AS day, NULL::date AS ends, NULL AS amount, {CALL_COLUMNS}
        {CALLS} WHERE h.published_at IS NOT NULL""",
    "challenge_bids": f"""SELECT {day_of("h.opened_at")} AS day, NULL::date AS ends, NULL AS amount, {CALL_COLUMNS}
        {CALLS} JOIN challenges_bid b ON b.challenge_id = h.id WHERE h.opened_at IS NOT NULL
        AND (SELECT s.withdrawn_at IS NULL FROM challenges_submission s WHERE s.bid_id = b.id
            ORDER BY s.number DESC LIMIT 1)""",
    "challenge_prize": f"""SELECT {day_of("h.awarded_at")} AS day, NULL::date AS ends, h.prize_wan AS amount,
        {CALL_COLUMNS} {CALLS} WHERE h.status IN ('awarded', 'signed')""",
    "challenge_ended": f"""SELECT {day_of("h.ended_at")} AS day, NULL::date AS ends, NULL AS amount, {CALL_COLUMNS}
        {CALLS} WHERE h.published_at IS NOT NULL AND h.status IN ('failed', 'closed')""",
    "challenge_again": f"""SELECT {day_of("h.published_at")} AS day, NULL::date AS ends, NULL AS amount, {CALL_COLUMNS}
        {CALLS} WHERE h.published_at IS NOT NULL AND h.previous_id IS NOT NULL""",
    "challenge_signed": deals(f"d.stage IN {SIGNED_STAGES} AND d.origin = 'challenge'"),
    "approach_signed": deals(f"d.stage IN {SIGNED_STAGES} AND d.origin = 'approach'"),
    "approaches": approaches("true"),
    "approaches_answered": approaches(f"{day_of('p.first_answered_at')} <= p.answer_due_on"),
    "approach_talks": approaches(
        "p.status = 'docking' AND p.firm_agreed_at <= f.agreed_at AND p.institution_agreed_at <= f.agreed_at",
        day=day_of("f.agreed_at"),
    ),
    "suppliers": f"""SELECT {day_of("min(a.registered_at)")} AS day, NULL::date AS ends, NULL AS amount,
        o.stat_region_id AS region, o.id AS institution
        FROM achievements_achievement a JOIN accounts_organisation o ON o.id = a.institution_id
        WHERE o.kind = 'institution' AND a.registry_number IS NOT NULL AND a.status <> 'withdrawn'
        GROUP BY o.id""",
    "open_demands": f"""SELECT {day_of("n.published_at")} AS day, NULL::date AS ends, NULL AS amount,
        firm.stat_region_id AS region, COALESCE(i.parent_id, n.industry_id) AS industry
        FROM demands_demand n JOIN accounts_organisation firm ON firm.id = n.firm_id
        LEFT JOIN taxonomy_industry i ON i.id = n.industry_id
        WHERE n.published_at IS NOT NULL AND NOT n.is_private AND n.status IN ('published', 'docking', 'tracking')
        AND (n.expires_on IS NULL OR n.expires_on >= {day_of("now()")})""",
    "accepted_matches": f"""SELECT {day_of("x.reviewed_at")} AS day, NULL::date AS ends, NULL AS amount,
        {PAIR_COLUMNS}, run.id AS round FROM (SELECT id AS match_id FROM matching_match) f {PAIR}
        WHERE x.status = 'accepted'""",
    "docked_firms": f"""SELECT {day_of("min(f.agreed_at)")} AS day, NULL::date AS ends, NULL AS amount,
        firm.stat_region_id AS region FROM matching_followup f {PAIR}
        WHERE f.agreed_at IS NOT NULL AND firm.kind = 'firm' GROUP BY firm.id""",
    "policies": """SELECT valid_from AS day, valid_to AS ends, NULL AS amount, kind FROM mechanism_policy
        WHERE published_at IS NOT NULL""",
    "brokers": f"""SELECT {day_of("created_at")} AS day, NULL::date AS ends, NULL AS amount, agency_id AS agency,
        level AS kind FROM brokers_broker WHERE is_active AND (expires_on IS NULL OR expires_on >= %(as_of)s)""",
    "ventures": ventures("NULL"),
    "venture_jobs": ventures("v.jobs"),
    "investments": investments("NULL"),
    "invested": investments("q.amount_wan"),
    "bases": f"""SELECT {day_of("s.created_at")} AS day, NULL::date AS ends, NULL AS amount,
        s.region_id AS region, s.kind FROM mechanism_base s WHERE s.is_listed AND {undisputed("mechanism.base", "s")}
        AND (s.organisation_id IS NULL OR {says("mechanism.base", "s", "operator", "s.organisation_id")})""",
    "base_requests": f"""SELECT {day_of("z.asked_at")} AS day, NULL::date AS ends, NULL AS amount, s.kind,
        CASE WHEN z.status = 'accepted' THEN 0 END AS part_accepted
        FROM mechanism_baserequest z JOIN mechanism_base s ON s.id = z.base_id WHERE z.status <> 'withdrawn'""",
    "obstacles": f"""SELECT {day_of("b.raised_at")} AS day, NULL::date AS ends, NULL AS amount, k.name AS kind,
        CASE WHEN b.status IN ('answered', 'solved') THEN 0 END AS part_answered,
        CASE WHEN b.status = 'solved' THEN 0 END AS part_solved,
        CASE WHEN b.published_at IS NOT NULL THEN 0 END AS part_published
        FROM mechanism_obstacle b JOIN mechanism_obstaclekind k ON k.id = b.kind_id WHERE b.status <> 'withdrawn'""",
    "subsidy_budget": f"""SELECT CASE WHEN extract(year FROM {day_of("g.created_at")}) < g.year
            THEN make_date(g.year, 1, 1) WHEN extract(year FROM {day_of("g.created_at")}) > g.year
            THEN make_date(g.year, 12, 31) ELSE {day_of("g.created_at")} END AS day,
        NULL::date AS ends, g.amount_wan AS amount, l.public_id AS kind
        FROM mechanism_subsidybudget g JOIN mechanism_policy l ON l.id = g.policy_id""",
    "subsidy_granted": f"""SELECT {day_of("n.decided_at")} AS day, NULL::date AS ends, n.granted_wan AS amount,
        {POLICY} AS kind FROM mechanism_subsidyapplication n
        WHERE n.status IN ('publicised', 'granted', 'reported', 'passed', 'failed')""",
    "subsidy_paid": payouts("o.amount_wan"),
    "subsidy_net": payouts(
        "o.amount_wan - (SELECT coalesce(sum(v.amount_wan), 0) FROM mechanism_subsidyrecovery v"
        " WHERE v.payout_id = o.id AND v.struck_at IS NULL AND v.received_on <= %(as_of)s)"
    ),
    "subsidy_recovered": f"""SELECT v.received_on AS day, NULL::date AS ends, v.amount_wan AS amount, {POLICY} AS kind
        FROM mechanism_subsidyrecovery v JOIN mechanism_subsidypayout o ON o.id = v.payout_id
        JOIN mechanism_subsidyapplication n ON n.id = o.application_id WHERE v.struck_at IS NULL""",
}
"""{key of a figure: statement}. A figure without a statement fails the test."""
