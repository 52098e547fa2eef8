"""What of a registered achievement its institution changes only with the city's review."""

REVIEWED_FIELDS = (
    *("partner_names", "category", "form", "attribute", "industry", "applied_industry", "discipline", "keywords"),
    *(
        "summary",
        "innovation",
        "scenario",
        "economics",
        "limits",
        "standing",
        "evaluation",
        "evaluated_by",
        "evaluated_on",
    ),
    *("national_number", "stage", "maturity_scale", "maturity_level", "maturity_evidence", "maturity_assessed_by"),
    *("maturity_assessed_on", "wanted_partner", "transferred_note"),
)
REVIEWED_DETAILS = ("indicators", "intellectual_property")
