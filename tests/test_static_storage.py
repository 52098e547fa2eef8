"""Static files as production serves them: names with a fingerprint, ES modules that import these names."""

import re

from django.conf import settings

from dalian_techtransfer.static_storage import StaticStorage

IMPORT = re.compile(r'\b(?:from|import)\s*"(\.{1,2}/[^"]+)";')


def test_modules_import_files_by_their_fingerprinted_names(tmp_path):
    source = settings.BASE_DIR / "static"
    storage = StaticStorage(location=tmp_path, base_url="/static/")
    paths = {}
    for path in source.rglob("*.js"):
        name = str(path.relative_to(source))
        with path.open("rb") as content:
            storage.save(name, content)
        paths[name] = (storage, name)
    outcomes = list(storage.post_process(paths))
    assert [outcome for _name, _hashed, outcome in outcomes if isinstance(outcome, Exception)] == []
    hashed = [tmp_path / storage.stored_name(name) for name in paths]
    imports = [(path, address) for path in hashed for address in IMPORT.findall(path.read_text())]
    assert len(imports) == sum(len(IMPORT.findall((source / name).read_text())) for name in paths) > 40
    assert {
        str(path.parent / address) for path, address in imports if (path.parent / address).resolve() not in hashed
    } == set()
