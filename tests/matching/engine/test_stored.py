import pytest

from matching.engine import Item, build
from matching.engine.stored import FORMAT, IndexUnreadable, load, save

ACHIEVEMENTS = [Item(1, "碳纤维预浸料", "热熔法"), Item(2, "海参育苗")]
NEED = Item("new", "预浸料国产化", "碳纤维")


@pytest.fixture
def index():
    return build(ACHIEVEMENTS, [Item(1, "水质监测")])


def test_a_stored_index_answers_as_the_built_one(index, tmp_path):
    path = tmp_path / "index"
    save(index, path)
    again = load(path, fingerprint=index.corpus.fingerprint)
    assert list(again.rank([NEED])) == list(index.rank([NEED]))
    assert again.explain(1, NEED) == index.explain(1, NEED) and again.calibration == index.calibration
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_used_is_said_and_never_half_read(index, tmp_path):
    path = tmp_path / "index"
    with pytest.raises(IndexUnreadable, match="重新建立"):
        load(path)
    save(index, path)
    with pytest.raises(IndexUnreadable, match="已有变化"):
        load(path, fingerprint="other")
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with pytest.raises(IndexUnreadable, match="内容损坏"):
        load(path)
    path.write_bytes(whole.replace(FORMAT, b"something else\n"))
    with pytest.raises(IndexUnreadable, match="版本不同"):
        load(path)
