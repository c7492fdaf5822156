from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from app import provider_heads
from app.providers.catalogue import Catalogue, reading

TODAY = date(2026, 11, 20)
SKETCH = (provider_heads.CATALOGUE / "sketch.yaml").read_text(encoding="utf-8")
ACME = """\
provider: {name: Acme, kind: cloud, adapter: app.providers.bfl:Bfl, key_setting: ACME_TOKEN, base_url: https://acme.test}
models:
  - id: acme-two
    name: Acme Two
    endpoint: two
    operations:
      txt2img: {}
      iterate: {endpoint: two/edit, wire: {image: image_url}, expected_s: 9}
    size: {min_px: 64, max_px: 2048}
    wire: {image: none, seed: seed}
    expected_s: 4
    price: {amount: "0.03", source: a test, checked: "2026-11-20"}
  - id: acme-one
    name: Acme One
    endpoint: one
    operations: [txt2img]
    size: {min_px: 64, max_px: 2048}
    expected_s: 4
    available_until: 2026-11-19
    successor: acme-two
    price: {amount: "0.02", source: a test, checked: "2026-11-20"}
retired:
  - {name: acme-zero, label: Acme Zero, ended: 2026-01-31, successors: [acme-one, sketch]}
"""


def written(folder: Path, acme: str = ACME) -> Path:
    (folder / "sketch.yaml").write_text(SKETCH, encoding="utf-8")
    (folder / "acme.yaml").write_text(acme, encoding="utf-8")
    return folder


@pytest.fixture
def both(tmp_path: Path) -> Catalogue:
    return reading.load(written(tmp_path))


def test_the_catalogue_that_ships_is_sound() -> None:
    ours = reading.load()
    for gone in ours.retired:
        assert ours.resolve(gone.name, TODAY) is not None, gone.name
    for model in ours.models:
        assert ours.resolve(model.id, TODAY) is not None, model.id


def test_a_provider_is_a_file_and_the_built_in_one_comes_first(both: Catalogue) -> None:
    assert list(both.providers) == ["sketch", "acme"]
    assert both.provider_of(both.models[-1]).name == "Acme"


def test_an_operation_is_asked_in_the_models_way_unless_it_has_its_own(both: Catalogue) -> None:
    two = both.find("acme-two")
    assert two is not None
    txt2img, iterate = two.operations
    assert (two.endpoint_for(txt2img), two.wire_for(txt2img)) == ("two", {"image": "none", "seed": "seed"})
    assert (two.endpoint_for(iterate), two.wire_for(iterate)) == ("two/edit", {"image": "image_url", "seed": "seed"})
    assert (two.expected_for(txt2img), two.expected_for(iterate)) == (4, 9)


@pytest.mark.parametrize("name", ["acme-zero", "acme-one"])
def test_a_name_that_ended_stands_for_its_successor_and_says_so(both: Catalogue, name: str) -> None:
    found = both.resolve(name, TODAY)
    assert found is not None
    assert found.model.id == "acme-two"
    assert "ended on 2026-" in found.said
    assert "Acme Two is used instead" in found.said


def test_a_name_that_is_offered_says_nothing_and_an_unknown_one_is_nobody(both: Catalogue) -> None:
    offered = both.resolve("acme-two", TODAY)
    assert offered is not None
    assert offered.said == ""
    assert both.resolve("acme-nine", TODAY) is None
    assert both.resolve("acme-one", date(2026, 11, 19)) is not None
    read = both.find("acme-one")
    assert read is not None
    assert read.name == "Acme One"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('{amount: "0.03", source', '{amount: "much", source', r"acme.yaml, line 12: .*amount"),
        ("expected_s: 4\n    available", "expected: 4\n    available", r"acme.yaml, line 18: "),
        ("operations: [txt2img]", "operations: [paint]", r"acme.yaml, line 16: "),
        ("kind: cloud", "kind: fog", r"acme.yaml, line 1: provider > kind"),
        ("app.providers.bfl:", "app.providers.acme:", "line 1: provider > adapter: .*no module app.providers.acme"),
        ("key_setting: ACME_TOKEN, ", "", "line 1: provider: .*needs its base_url and the key_setting"),
        ("successor: acme-two", "successor: acme-three", "there is no successor 'acme-three'"),
        ("id: acme-one", "id: acme-two", "'acme-two' is taken"),
        (
            "retired:\n",
            "retired:\n  - {name: acme-zero, label: A, ended: 2026-01-31, successors: [acme-two]}\n",
            "ended twice",
        ),
        ("models:", "modells:", "has 'modells'"),
        ("provider: {", "retired: []\nprovider: {", "acme.yaml must begin with its provider"),
        ("models:", "models: [", "acme.yaml is not YAML"),
    ],
)
def test_a_broken_row_names_its_file_and_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in ACME
    with pytest.raises(reading.BadCatalogue, match=said):
        reading.load(written(tmp_path, ACME.replace(old, new, 1)))
