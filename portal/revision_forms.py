"""Forms with which owners change what is published. The changes wait for a review; the form shows those that wait."""

from audit.revisions import version_of
from demands.forms import DemandForm
from demands.models import Demand, DemandIndicator
from demands.services.revisions import Proposal, pending_revision, propose_revision, proposed_demand

CONFIRM, SHOWN_HASH = "exposure_confirmed", "exposure_shown"
"""Names of the box with which a firm agrees to what an anonymous demand shows, and of the hash of the text it saw."""


class DemandRevisionForm(DemandForm):
    """Propose changes of a published or paused demand. Shows the stored values, or those that wait for the district.

    `save` returns the demand; `proposal` tells what was done.
    """

    note = (
        "这项需求已经公开。您改的文字和指标先交区县核对，批准以前公开的仍是原文；联系人和有效期一保存就生效。"
        "保存以后还可以再改或撤回。"
    )
    save_label = "提交修改"
    proposal: Proposal

    def __init__(self, data=None, *, by, instance: Demand, **kwargs) -> None:
        pending = pending_revision(instance)
        self.proposed = proposed_demand(instance, pending)
        initial = {"seen_at": version_of(instance, pending)} | kwargs.pop("initial", {})
        super().__init__(data, by=by, instance=self.proposed.demand, initial=initial, **kwargs)

    def _indicator_rows(self) -> list[DemandIndicator]:
        return self.proposed.indicators

    def _store(self, values: dict) -> Demand:
        self.proposal = propose_revision(
            self.instance,
            seen=self.cleaned_data["seen_at"],
            agreed_hash=self.data.get(SHOWN_HASH, "") if CONFIRM in self.data else "",
            **values,
        )
        return self.proposal.demand

    @property
    def saved_message(self) -> str:
        proposal = self.proposal
        if not proposal.is_changed:
            waits = "等区县核对的修改还在。" if proposal.revision else ""
            return "没有新的改动，什么都没有保存。%(waits)s" % {"waits": waits}
        if proposal.revision is not None:
            return "已提交区县核对。批准以前，公开的仍是原文；联系人和有效期立即更新。"
        return "已保存“%(title)s”。公开的文字没有变化，不需要审核。" % {"title": proposal.demand}
