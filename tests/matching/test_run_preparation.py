"""A run is prepared once, in a task: its index and the effects of decisions. Chunks only rank and explain."""

import os
import random
import shutil
import time
import tracemalloc
from pathlib import Path

import pytest
from django.core.files.storage.handler import StorageHandler
from django.db import connection
from django.test.utils import CaptureQueriesContext

from achievements.models import Achievement
from matching import items, shared_indexes
from matching.engine import Item, concept_vectors, index_files, term_codes
from matching.engine.index_files import (
    MANIFEST,
    DamagedIndex,
    index_version,
    read_index,
    read_manifest,
    write_index,
    write_texts,
)
from matching.engine.methods import lexical
from matching.engine.ranking import Index
from matching.items import achievement_items, sorted_items
from matching.models import Match, MatchRun
from matching.services import runs
from matching.services.review import reject_match
from matching.services.run_preparation import prepare_run
from matching.services.runs import execute_chunk, start_run
from matching.shared_indexes import build_index, forget_unused_indexes, lock_of, open_index
from tests import factories as make

ITEMS = [
    Item(1, "锂电池隔膜", "涂覆隔膜的耐热性，PVDF 涂层。"),
    Item(4, "海参育苗", ""),
    Item(9, "", "数控机床\ud800主轴"),
]
NEEDS = [Item(2, "电池隔膜", "找耐热的隔膜。"), Item(3, "机床主轴发热", "主轴伸长。")]


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.INDEX_FOLDER = tmp_path / "indexes"
    shared_indexes._open.clear()
    yield
    shared_indexes._open.clear()


@pytest.fixture
def builds(monkeypatch):
    """The indexes that were computed."""
    computed = []
    original = Index.__init__

    def counted(self, *args, **kwargs):
        computed.append(self)
        original(self, *args, **kwargs)

    monkeypatch.setattr(Index, "__init__", counted)
    return computed


def registry(achievements: int = 3, demands: int = 6):
    for _ in range(achievements):
        make.achievement()
    for _ in range(demands):
        make.demand()


def folders() -> list[Path]:
    root = shared_indexes._root()
    return [folder for folder in root.iterdir() if not folder.name.startswith(".")]


@pytest.mark.django_db
def test_the_request_that_starts_a_run_reads_no_text():
    registry()
    with CaptureQueriesContext(connection) as queries:
        run = start_run("一轮", by=None)
    assert not [query["sql"] for query in queries if '"summary"' in query["sql"] or '"problem"' in query["sql"]]
    assert (run.snapshot_hash, run.prepared_at, folders()) == ("", None, [])


@pytest.mark.django_db
def test_the_index_is_computed_once_for_all_chunks_and_processes(monkeypatch, builds):
    monkeypatch.setattr(runs, "CHUNK_SIZE", 2)
    registry()
    run = start_run("一轮", by=None)
    for chunk in run.chunks.all():
        execute_chunk(chunk.pk)
        shared_indexes._open.clear()  # as in the next process
    assert len(builds) == 1
    again = start_run("二轮", by=None)  # of the same texts
    assert prepare_run(again.pk)
    assert len(builds) == 1 and MatchRun.objects.values("snapshot_hash").distinct().count() == 1
    assert Match.objects.count() == 18


@pytest.mark.django_db
def test_chunks_apply_the_decisions_that_were_made_before_the_run(monkeypatch):
    monkeypatch.setattr(runs, "CHUNK_SIZE", 3)
    registry()
    first = start_run("一轮", by=None)
    for chunk in first.chunks.all():
        execute_chunk(chunk.pk)
    officer = make.district_officer()
    early, late = Match.objects.order_by("demand", "achievement").first(), Match.objects.order_by("demand").last()
    reject_match(early, reason="has_supplier", by=officer)
    second = start_run("二轮", by=None)
    assert prepare_run(second.pk)
    reject_match(late, reason="has_supplier", by=officer)
    monkeypatch.setattr("matching.learning.decision_effects.effects_for", lambda *_args: pytest.fail("read again"))
    for chunk in second.chunks.all():
        execute_chunk(chunk.pk)
    decisions = {effect["decision"] for match in Match.objects.all() for effect in match.effects}
    assert decisions == {early.decisions.get().pk}


@pytest.mark.django_db
def test_while_another_process_prepares_a_run_its_chunks_wait():
    registry()
    run = start_run("一轮", by=None)
    chunk = run.chunks.get()
    with lock_of(f"run-{run.pk}"):
        assert (prepare_run(run.pk), execute_chunk(chunk.pk)) == (False, 0)
    chunk.refresh_from_db()
    assert (chunk.finished_at, chunk.attempts) == (None, 0)
    assert execute_chunk(chunk.pk) == 18
    assert not prepare_run(run.pk), "it is over"


@pytest.mark.django_db
def test_a_lost_index_is_built_again(monkeypatch, builds):
    monkeypatch.setattr(runs, "CHUNK_SIZE", 3)
    registry()
    run = start_run("一轮", by=None)
    first, second = run.chunks.all()
    execute_chunk(first.pk)
    shutil.rmtree(folders()[0])
    execute_chunk(second.pk)
    run.refresh_from_db()
    assert (run.status, Match.objects.count(), len(builds)) == ("done", 18, 2)


def test_each_kind_of_index_stays_open_whatever_is_opened_of_others():
    def of(number: int, kind: str) -> Index:
        return build_index(lambda: ITEMS[:number], lambda: NEEDS, "p3", kind)

    runs, search, similar = of(1, "runs"), of(2, "search"), of(3, "similar")
    assert of(1, "runs") is runs and of(2, "search") is search and of(3, "similar") is similar
    assert of(1, "search") is not runs and of(2, "search") is not search, "one of the search is open at a time"


@pytest.mark.parametrize("harm", ["a file is shorter", "a byte has changed", "another version", "no manifest"])
def test_a_damaged_index_is_recognised_and_built_again(harm, builds):
    fingerprint = build_index(lambda: ITEMS, lambda: NEEDS, "p3").corpus.fingerprint
    shared_indexes._open.clear()
    [folder] = folders()
    file, manifest = folder / "words_term_vectors.npy", folder / MANIFEST
    if harm == "a file is shorter":
        file.write_bytes(file.read_bytes()[:-1])
    elif harm == "a byte has changed":
        file.write_bytes(file.read_bytes()[:-2] + b"\x7f\x7f")
    elif harm == "another version":
        manifest.write_text(manifest.read_text().replace(index_version(), "another"))
    else:
        manifest.unlink()
    assert open_index(fingerprint, "p3") is None and folders() == []
    assert list(build_index(lambda: ITEMS, lambda: NEEDS, "p3").rank(NEEDS)) and len(builds) == 2


def test_a_stored_index_ranks_and_explains_as_the_one_in_memory(tmp_path):
    tmp_path.joinpath("index").mkdir()
    written = write_index(tmp_path / "index", write_texts(tmp_path / "index", ITEMS, NEEDS))
    stored, memory = read_index(tmp_path / "index"), Index(written.corpus)
    assert list(stored.corpus.achievements) == ITEMS and stored.corpus.demands[1:] == NEEDS[1:]
    assert stored.fitted_parameters == memory.fitted_parameters
    assert list(stored.rank(NEEDS)) == list(memory.rank(NEEDS))
    assert stored.shared_terms(1, NEEDS[0]) == memory.shared_terms(1, NEEDS[0]) != []
    assert stored.demands([3, 8, 2]) == NEEDS and stored.row_of(5) is None
    with pytest.raises(DamagedIndex):
        read_index(tmp_path)


def test_only_the_first_process_of_a_host_compares_the_checksums(tmp_path, monkeypatch):
    write_index(tmp_path, write_texts(tmp_path, ITEMS, NEEDS))
    files, compared, checksum = read_manifest(tmp_path)["files"], [], index_files._checksum
    monkeypatch.setattr(index_files, "_checksum", lambda file: compared.append(file.name) or checksum(file))
    marker = tmp_path / index_files._marker()
    for change, number in [
        (lambda: None, len(files)),
        (lambda: None, 0),
        (lambda: marker.write_text(marker.read_text()[:40]), len(files)),  # half written
        (lambda: monkeypatch.setattr(index_files, "_marker", lambda: ".compared-next-start"), len(files)),
    ]:
        change()
        compared.clear()
        assert read_index(tmp_path).corpus.fingerprint and len(compared) == number
    file = tmp_path / max(files, key=lambda name: files[name][0])
    content, before = bytearray(file.read_bytes()), file.stat()
    content[-1] ^= 1
    file.write_bytes(content)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(DamagedIndex, match=file.name):
        read_index(tmp_path)


@pytest.mark.long
def test_a_larger_registry_needs_no_more_memory_while_its_index_is_written(tmp_path, monkeypatch):
    """Neither its texts nor its counts are in memory: only what is as long as the vocabulary, and one block."""
    for module, name, size in [
        (term_codes, "MAX_ROWS", 20),
        (concept_vectors, "BLOCK", 20),
        (lexical, "MAX_SAMPLED_ACHIEVEMENTS", 20),
        (index_files, "_COPIED_BYTES", 1 << 16),
    ]:
        monkeypatch.setattr(module, name, size)
    source = random.Random(1)
    parts = ["".join(chr(0x4E00 + source.randrange(120)) for _ in range(300)) for _ in range(40)]

    def peak(number: int) -> int:
        folder = tmp_path / str(number)
        folder.mkdir()
        texts = (Item(n, parts[n % 40][:9], "".join(parts[n * k % 40] for k in (1, 3, 7, 9))) for n in range(number))
        tracemalloc.start()
        try:
            write_index(folder, write_texts(folder, texts, NEEDS))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(20)  # what is loaded once
    assert peak(300) < 1.2 * peak(100)


@pytest.mark.django_db
def test_the_texts_of_a_registry_are_read_some_rows_at_a_time(monkeypatch):
    monkeypatch.setattr(items, "ROWS_AT_A_TIME", 2)
    numbers = [make.achievement().pk for _ in range(5)]
    with CaptureQueriesContext(connection) as queries:
        read = sorted_items(achievement_items, Achievement.objects.all())
        assert [next(read).id, next(read).id] == numbers[:2] and len(queries) == 2
        assert [item.id for item in read] == numbers[2:] and len(queries) == 4
    chosen = sorted_items(achievement_items, Achievement.objects.all(), [numbers[4], numbers[1]])
    assert [item.id for item in chosen] == [numbers[1], numbers[4]]


def test_an_empty_index_can_be_stored(tmp_path):
    write_index(tmp_path, write_texts(tmp_path, [], []))
    assert [ranking.achievements for ranking in read_index(tmp_path).rank(NEEDS)] == [(), ()]


def test_another_host_fetches_an_index_from_the_common_storage(settings, tmp_path, builds, monkeypatch):
    common = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "common"}}
    settings.STORAGES = settings.STORAGES | {"indexes": common}
    monkeypatch.setitem(shared_indexes.__dict__, "storages", StorageHandler(settings.STORAGES))
    index = build_index(lambda: ITEMS, lambda: NEEDS, "p3")
    settings.INDEX_FOLDER = tmp_path / "other host"
    fetched = open_index(index.corpus.fingerprint, "p3")
    assert fetched is not index and list(fetched.rank(NEEDS)) == list(index.rank(NEEDS))
    assert len(builds) == 1 and open_index("0" * 64, "p3") is None


def test_unused_indexes_are_removed_and_those_in_use_stay():
    old = build_index(lambda: ITEMS, lambda: NEEDS, "p3")
    used = build_index(lambda: ITEMS[:2], lambda: NEEDS, "p3")
    assert forget_unused_indexes() == 0
    week_ago = time.time() - shared_indexes.UNUSED_AFTER.total_seconds() - 1
    for entry in shared_indexes._root().iterdir():
        os.utime(entry, (week_ago, week_ago))
    assert open_index(used.corpus.fingerprint, "p3") is used
    assert forget_unused_indexes() >= 1
    assert [folder.name.split("-")[0] for folder in folders()] == [used.corpus.fingerprint]
    assert open_index(old.corpus.fingerprint, "p3") is None
    assert shared_indexes._root().stat().st_mode & 0o777 == 0o700, "the texts are not public"
