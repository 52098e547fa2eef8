"""The report of a finished evaluation as PDF."""

from django.template.loader import render_to_string

from mechanism.models import VALUES, Evaluation, Opinion
from mechanism.services.evaluations import evaluation_result
from rounds.papers.pdf import render_pdf


def evaluation_report(evaluation: Evaluation) -> bytes:
    """A PDF of A4 pages. It names the experts, but does not attribute marks and reasons to them."""
    result = evaluation_result(evaluation)
    opinions = evaluation.opinions.filter(status=Opinion.Status.MARKED).select_related("expert")
    context = {
        "evaluation": evaluation,
        "result": result,
        "values": [
            (label, result.values[value], sorted(opinion.reasons[value] for opinion in opinions))
            for value, label in VALUES.items()
        ],
        "experts": sorted(str(opinion.expert) for opinion in opinions),
        "recused": evaluation.opinions.filter(status=Opinion.Status.RECUSED).count(),
    }
    content, _pages = render_pdf(render_to_string("mechanism/papers/evaluation.html", context), style=None)
    return content
