import json

from matching.reader.answers import PairAnswer
from matching.reader.asking import Asker
from matching.reader.limits import Allowance
from matching.reader.questions import achievement_text, need_text
from matching.reader.reading import NeedToRead, Reader
from matching.reader.recordings import FunctionAnswerer, RecordingAnswerer, ReplayingAnswerer
from tests.matching.reader.played_model import answer


def need(name: str, *candidates: str) -> NeedToRead:
    texts = {candidate: achievement_text(candidate, f"{candidate}的内容足够长") for candidate in candidates}
    return NeedToRead(name, need_text(name, "需求的内容"), texts)


def played(question) -> str:
    data = json.loads(question.messages[1]["content"])
    return json.dumps(answer(data, lambda need, achievement: len(achievement["title"]) % 4), ensure_ascii=False)


class Store:
    def __init__(self):
        self.answers = {}

    def load(self, keys):
        return {key: self.answers[key] for key in keys if key in self.answers}

    def save(self, answers):
        self.answers |= answers


def reader(answerer, store=None, requests=100) -> Reader:
    return Reader(Asker(answerer, Allowance(requests), concurrency=2), "m", store)


def test_each_candidate_gets_its_own_answer():
    candidates = ["甲" * n for n in range(1, 13)]
    reading = reader(FunctionAnswerer(played)).read([need("一", *candidates), need("二")])
    assert {name: row.grade for name, row in reading["一"].answers.items()} == {c: len(c) % 4 for c in candidates}
    assert reading["一"].is_complete and reading["二"].is_complete and reading["二"].answers == {}


def test_needs_with_equal_texts_share_a_question():
    first, second = need("同", "甲甲", "乙"), need("同", "甲甲", "乙")
    second = NeedToRead("另一", second.text, second.candidates)
    own = reader(FunctionAnswerer(played))
    reading = own.read([first, second])
    assert reading["同"] == reading["另一"] and reading["同"].is_complete and own.totals.requests == 1


def test_stored_answers_are_reused_and_new_ones_stored():
    store, asked = Store(), []

    def remember(question):
        asked.append(question)
        return played(question)

    reader(FunctionAnswerer(remember), store).read([need("一", "甲", "乙乙")])
    again = reader(FunctionAnswerer(remember), store)
    reading = again.read([need("一", "甲", "乙乙", "丙丙丙")])
    assert [len(question.candidates) for question in asked] == [2, 1]
    assert again.totals.reused == 2 and len(reading["一"].answers) == 3 and len(store.answers) == 3


def test_answer_survives_storing():
    store = Store()
    reader(FunctionAnswerer(played), store).read([need("一", "甲甲甲")])
    [stored] = store.answers.values()
    assert PairAnswer.from_json(json.loads(json.dumps(stored.as_json()))) == stored and stored.statements


def test_record_and_replay(tmp_path):
    needs = [need("一", *("甲" * n for n in range(1, 8))), need("二", "乙乙")]
    recorded = reader(RecordingAnswerer(tmp_path, FunctionAnswerer(played))).read(needs)
    files = list(tmp_path.glob("*.json"))
    assert len(files) == 3 and all(len(file.stem) == 64 for file in files)
    replaying = reader(ReplayingAnswerer(tmp_path))
    assert replaying.read(needs) == recorded
    missing = replaying.read([need("三", "丙")])["三"]
    assert missing.answers == {} and missing.fault == "not_recorded" and not missing.is_complete


def test_questions_can_be_written_without_a_model_and_answered_later(tmp_path):
    needs = [need("一", "甲甲甲")]
    assert reader(RecordingAnswerer(tmp_path, None)).read(needs)["一"].answers == {}
    [file] = tmp_path.glob("*.json")
    stored = json.loads(file.read_text(encoding="utf-8"))
    assert stored["answer"] is None and stored["messages"][0]["role"] == "system"
    stored["answer"] = answer(json.loads(stored["messages"][1]["content"]), lambda need, achievement: 2)
    file.write_text(json.dumps(stored), encoding="utf-8")
    assert reader(RecordingAnswerer(tmp_path, None)).read(needs)["一"].answers == {}  # the answer stays in the file
    assert reader(ReplayingAnswerer(tmp_path)).read(needs)["一"].answers["甲甲甲"].grade == 2


def test_damaged_recordings_are_missing_answers(tmp_path):
    reader(RecordingAnswerer(tmp_path, None)).read([need("一", "甲")])
    [file] = tmp_path.glob("*.json")
    for content in ("", "[]", '{"answer": null}', "[" * 100_000):
        file.write_text(content, encoding="utf-8")
        assert reader(ReplayingAnswerer(tmp_path)).read([need("一", "甲")])["一"].fault == "not_recorded"


def test_requests_may_end_in_the_middle():
    needs = [need(str(number), *("甲" * n for n in range(1, 6))) for number in range(3)]
    reading = reader(FunctionAnswerer(played), requests=2).read(needs)
    assert sorted(row.is_complete for row in reading.values()) == [False, True, True]
    assert {row.stop for row in reading.values()} == {None, "budget"}
