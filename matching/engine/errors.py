"""Errors in the input of the engine."""

from collections.abc import Iterable


class EngineError(ValueError):
    """Base class. The message is in Chinese and may be shown to users."""


class DuplicateId(EngineError):
    """Two items of one side have the same id."""

    def __init__(self, item_id: str | int):
        super().__init__(f"编号“{item_id}”出现了不止一次，请保留一条。")
        self.item_id = item_id


class UnknownEngine(EngineError):
    """No scoring method has the requested name."""

    def __init__(self, name: str, known: Iterable[str]):
        super().__init__(f"没有名为“{name}”的匹配方法，可用：{'、'.join(known)}。")
