"""What can be wrong with what the engine is given."""


class EngineError(ValueError):
    """Base: the message is Chinese and fit to be shown."""


class DuplicateId(EngineError):
    def __init__(self, item_id):
        super().__init__(f"编号“{item_id}”出现了不止一次，请保留一条。")
        self.item_id = item_id


class UnknownEngine(EngineError):
    def __init__(self, name, known):
        super().__init__(f"没有名为“{name}”的匹配方法，可用：{'、'.join(known)}。")
