"""Forms of the review of a challenge: the city invites and finishes, the expert declares, scores or recuses."""

from typing import Any

from django import forms

from accounts.models import User
from challenges.criteria import CRITERIA, LEAST_RECOMMENDED
from challenges.models import Bid, Challenge
from challenges.services.opening import OpenedBid
from core.forms import ServiceForm, model_choice
from mechanism.forms.subsidies import text_area
from mechanism.models import ChallengeReview, Expert
from mechanism.services import challenge_reviews as reviews


class ReviewStepForm(ServiceForm):
    """`step`: value of the submit button; `heading`, `button`: of its section; `done`: success message."""

    step = ""
    heading = ""
    button = ""
    button_class = "btn btn-p"
    note = ""
    done = ""

    def __init__(self, *args, challenge: Challenge, by: User, **kwargs) -> None:
        super().__init__(*args, prefix=self.step, **kwargs)
        self.challenge, self.by = challenge, by


class InviteForm(ReviewStepForm):
    step, heading, button, done = "invite", "邀请专家", "邀请", "已邀请。请把下面各自的网址发给专家。"
    note = f"至少 {reviews.LEAST_REVIEWS} 位专家评审全部方案，各自独立，互相看不到。"
    experts = forms.ModelMultipleChoiceField(
        Expert.objects.none(), label="评审专家", widget=forms.CheckboxSelectMultiple,
        help_text="应当回避的不在名单里，原因列在下面",
    )  # fmt: skip

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        asked = self.challenge.reviews.values("expert")
        experts = Expert.objects.filter(is_active=True).exclude(pk__in=asked).select_related("organisation")
        reasons = {expert: reviews.find_challenge_recusal_reasons(expert, self.challenge) for expert in experts}
        self.recused = [(expert, "；".join(why)) for expert, why in reasons.items() if why]
        # A crafted post may name any expert; the service answers it with the reason.
        shown = [expert.pk for expert, why in reasons.items() if not why or self.is_bound]
        model_choice(self, "experts").queryset = Expert.objects.filter(pk__in=shown)

    def _save(self, values: dict[str, Any]) -> None:
        reviews.invite_challenge_reviewers(self.challenge, experts=list(values["experts"]), by=self.by)


class ReleaseForm(ReviewStepForm):
    step, heading, button, done = "release", "撤销邀请", "撤销邀请", "已撤销邀请。"
    button_class = "btn btn-no"
    review = forms.ModelChoiceField(ChallengeReview.objects.none(), label="没有答复的专家", empty_label=None)
    reason = text_area("原因", rows=2, longest=300)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        waiting = self.challenge.reviews.filter(status=ChallengeReview.Status.ASKED)
        model_choice(self, "review").queryset = waiting.select_related("expert")

    def _save(self, values: dict[str, Any]) -> None:
        reviews.release_challenge_reviewer(values["review"], reason=values["reason"], by=self.by)


class FinishForm(ReviewStepForm):
    step, heading, button, done = "finish", "结束评审", "结束评审，请企业选定", "评审已结束，请企业在推荐的方案里选定。"
    note = (
        f"得分是各位专家加权分的平均；只能推荐不低于 {LEAST_RECOMMENDED} 分的方案。没有合格的，请在榜单页按流标结束。"
    )
    recommended = forms.ModelMultipleChoiceField(
        Bid.objects.none(), label="推荐给企业的方案", widget=forms.CheckboxSelectMultiple
    )
    conclusion = text_area("评审结论", "会随结果公示")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        scores = reviews.mean_scores(self.challenge)
        good = [pk for pk, score in scores.items() if score >= LEAST_RECOMMENDED]
        field = model_choice(self, "recommended")
        field.queryset = Bid.objects.filter(pk__in=good, excluded_reason="").select_related("lead")
        field.label_from_instance = lambda bid: f"{bid.lead}（{scores[bid.pk]} 分）"  # type: ignore[method-assign]

    def _save(self, values: dict[str, Any]) -> None:
        chosen = [bid.pk for bid in values["recommended"]]
        reviews.finish_challenge_review(self.challenge, recommended=chosen, conclusion=values["conclusion"], by=self.by)


REVIEW_STEPS: dict[str, type[ReviewStepForm]] = {form.step: form for form in (InviteForm, ReleaseForm, FinishForm)}


def available_review_steps(challenge: Challenge) -> list[str]:
    if challenge.status != Challenge.Status.REVIEW or not Bid.objects.to_review(challenge).exists():
        return []
    waiting = challenge.reviews.filter(status=ChallengeReview.Status.ASKED).exists()
    given = challenge.reviews.filter(status=ChallengeReview.Status.GIVEN).count()
    names = ["invite"]
    if waiting:
        names.append("release")
    elif given >= reviews.LEAST_REVIEWS:
        names.insert(0, "finish")
    return names


class ScoresForm(ServiceForm):
    """Four scores and a comment for each bid."""

    def __init__(self, *args, review: ChallengeReview, bids: list[OpenedBid], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.review = review
        self.bids = [opened for opened in bids if opened.content is not None]
        weights = review.challenge.weights
        for number, opened in enumerate(bids, 1):
            if opened.content is None:
                continue
            for name, label in CRITERIA.items():
                self.fields[f"{opened.bid.pk}-{name}"] = forms.IntegerField(
                    label=f"方案 {number}：{label}（权重 {weights[name]}%，0–100 分）",
                    min_value=0,
                    max_value=100,
                    error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), "请填写 0 到 100 的整数。"),
                )
            self.fields[f"{opened.bid.pk}-comment"] = text_area(f"方案 {number}：意见", "不少于 10 个字", rows=3)

    def fields_of(self, opened: OpenedBid) -> list[forms.BoundField]:
        names = [f"{opened.bid.pk}-{name}" for name in (*CRITERIA, "comment")]
        return [self[name] for name in names if name in self.fields]

    def _save(self, values: dict[str, Any]) -> None:
        scores = {opened.bid.pk: {name: values[f"{opened.bid.pk}-{name}"] for name in CRITERIA} for opened in self.bids}
        comments = {opened.bid.pk: values[f"{opened.bid.pk}-comment"] for opened in self.bids}
        reviews.give_scores(self.review, scores=scores, comments=comments)


class DeclareForm(ServiceForm):
    declares = forms.BooleanField(
        label="我与发榜企业和上面列出的单位没有任职、合作、亲属和其他利益关系，评审内容不外传",
        error_messages={"required": "请先勾选声明；有关系的请回避。"},
    )

    def __init__(self, *args, review: ChallengeReview, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.review = review

    def _save(self, values: dict[str, Any]) -> None:
        reviews.declare_no_relation(self.review)


class RecuseForm(ServiceForm):
    reason = text_area("回避的原因", rows=2, longest=300)

    def __init__(self, *args, review: ChallengeReview, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.review = review

    def _save(self, values: dict[str, Any]) -> None:
        reviews.recuse_challenge_reviewer(self.review, reason=values["reason"])
