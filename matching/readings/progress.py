"""How far the second reader is in a run, and why a run ended on the engine."""

from dataclasses import dataclass
from math import ceil

from django.db.models import Count
from django.utils import timezone

from matching.models import DemandReading, MatchRun, RunReading


@dataclass(frozen=True, slots=True)
class ReadingProgress:
    """Numbers of demands: `total`; `read` by the reader; left to the engine, by `reasons`. `seconds_left`: estimated
    from the time so far; None if nothing is read yet or nothing is left."""

    reading: RunReading
    total: int
    read: int
    reasons: dict[str, int]
    seconds_left: float | None

    @property
    def done(self) -> int:
        return self.read + sum(self.reasons.values())

    @property
    def state(self) -> str:
        """How far it is and why demands were left to the engine."""
        if self.done < self.total:
            left = f"，约还需 {max(1, ceil(self.seconds_left / 60))} 分钟" if self.seconds_left is not None else ""
            text = f"已处理 {self.done} / {self.total} 项需求{left}。"
        else:
            text = f"共 {self.total} 项需求，读完 {self.read} 项。"
        if self.reasons:
            why = "，".join(f"{DemandReading.Reason(name).label} {number} 项" for name, number in self.reasons.items())
            text += f"有 {sum(self.reasons.values())} 项没有读完，沿用内置匹配的结果（{why}）。"
        return text

    @property
    def sentences(self) -> list[str]:
        """What the page of the run says."""
        lines = [f"模型 {self.reading.model}，提示词版本 {self.reading.prompt}。", self.state]
        if self.reading.stopped:
            lines.append(f"第二读者中途停止：{self.reading.get_stopped_display()}。批次照常完成。")
        return [*lines, self._cost]

    @property
    def _cost(self) -> str:
        reading = self.reading
        void = f"，{reading.void} 条陈述的引文与原文不符，没有采用" if reading.void else ""
        return (
            f"提问 {reading.requests} 次（上限 {reading.max_requests}），"
            f"输入 {reading.prompt_tokens} token，输出 {reading.completion_tokens} token；"
            f"得到 {reading.statements} 条陈述{void}。"
        )


def reading_progress(run: MatchRun) -> ReadingProgress | None:
    """Return the progress of a run's reader, None if nobody reads in this run. Two queries."""
    reading = RunReading.objects.filter(run=run).first()
    if reading is None:
        return None
    rows = DemandReading.objects.filter(run=run).exclude(outcome="")
    counted = {
        (row["outcome"], row["reason"]): row["number"]
        for row in rows.values("outcome", "reason").annotate(number=Count("pk"))
    }
    read = counted.get((DemandReading.Outcome.READ, ""), 0)
    reasons = {reason: number for (outcome, reason), number in counted.items() if outcome != DemandReading.Outcome.READ}
    done, total = read + sum(reasons.values()), len(run.demand_ids)
    seconds_left = None
    if reading.started_at and 0 < done < total:
        seconds_left = (timezone.now() - reading.started_at).total_seconds() / done * (total - done)
    return ReadingProgress(reading, total, read, dict(sorted(reasons.items())), seconds_left)
