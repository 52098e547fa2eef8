"""What the walk finds of 不适合的反馈, and what each role gets there."""

from matching.models import SideFeedback


def plant(world, side, *, mine: bool) -> None:
    """The firm says why an accepted pair does not fit; the institution of the pair must not read it."""
    tag = "甲" if mine else "乙"
    knowers = ("firm", "district", "city", "auditor") if mine else ("city", "auditor")
    side.side_feedback = SideFeedback.objects.create(
        achievement=side.offered,
        demand=side.demand,
        side="firm",
        reason="other",
        note=world.secret(f"企业说不适合的话{tag}", *knowers),
        by=world.users["firm"] if mine else side.user,
    )


PAGES = {
    "workbench/unfit/": {
        "GET": "login 200 200 200 200 200 200 200 200",
        "POST": "login 405 405 405 405 405 405 405 405",
    },
    "workbench/unfit/new/": {  # without saying of which achievement
        "GET": "login 404 404 404 404 404 404 404 404",
        "POST": "login 404 404 404 404 404 404 404 404",
    },
    "workbench/unfit/<public_id:public_id>/withdraw/": {
        "about": "side_feedback",
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST own": "login 404 404 away! 404 404 404 404 404",
        "POST foreign": "login 404 404 404 404 404 404 404 404",
    },
}
