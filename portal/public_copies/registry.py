"""The public pages whose anonymous answer is kept and used again: names of URLs.

A page belongs here if its answer to a visitor without a session depends on the address and on rows alone. On which
tables it depends is observed while it is rendered (`reading.py`). A page that is not listed is rendered each time.
Forms of a kept page have no CSRF token: they post to views with `core.csrf.accept_same_origin`.
"""

DAY_PAGES = frozenset({"achievement_detail"})
"""Those that depend on the day, but not on the hour: they are kept longer, which is worth it where there are many."""
PUBLIC_PAGES = frozenset(
    {
        *("home", "search", "help", "accessibility", "privacy", "robots", "sitemap"),
        *("open_data", "open_data_catalogue"),
        *("achievement_list", "achievement_detail", "achievement_feed", "comparison"),
        *("demand_list", "demand_detail", "demand_feed", "news_feed"),
        *("institution_list", "institution_detail", "industry_list", "industry_detail"),
        *("district_list", "district_detail"),
        *("agency_list", "agency_detail", "broker_list"),
        *("challenge_list", "challenge_detail", "challenge_feed"),
        *("round_list", "round_detail", "round_agenda"),
        *("base_list", "base_detail", "policy_list", "policy_detail", "obstacle_answers"),
        *("api_achievement-list", "api_achievement-detail", "api_demand-list", "api_demand-detail"),
        *("api_agency-list", "api_agency-detail", "api_round-list", "api_round-detail", "api_industry-list"),
    }
)
