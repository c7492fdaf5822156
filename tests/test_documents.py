"""What the documents say is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app import provider_heads
from app.config import BadSettings, Settings, settings_table
from app.messages import QUEUE_OF, TaskName
from app.product import ROOT
from app.providers.catalogue import reading

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_lists_every_setting_as_it_is() -> None:
    assert settings_table() in README, "run: python scripts/settings_table.py"


def test_an_unknown_setting_stops_the_start_and_is_named() -> None:
    with pytest.raises(BadSettings, match="DARKROOM_COLOUR: there is no such setting"):
        Settings.from_environ({"DARKROOM_COLOUR": "red"})


def test_every_wrong_setting_is_named_at_once() -> None:
    with pytest.raises(BadSettings) as refusal:
        Settings.from_environ({"PORT": "eighty", "DARKROOM_LEASE_S": "0"})
    assert "PORT" in str(refusal.value)
    assert "DARKROOM_LEASE_S" in str(refusal.value)


def test_production_refuses_to_start_without_a_secret(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="DARKROOM_SECRET_KEY"):
        Settings.from_environ({"DARKROOM_ENV": "production", "DARKROOM_HOME": str(tmp_path)})


def test_the_made_secret_is_kept_and_for_us_alone(tmp_path: Path) -> None:
    settings = Settings.from_environ({"DARKROOM_HOME": str(tmp_path)})
    assert settings.secret() == settings.secret()
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("document", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/prompts.md"])
def test_links_between_documents_lead_somewhere(document: str) -> None:
    path = ROOT / document
    for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), f"{document} links to {target}"


def test_the_map_names_only_what_is_there() -> None:
    table = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").split("## The map")[1].split("## One job")[0]
    for folder in re.findall(r"`(app/\w+/|worker/|templates/|static/|migrations/|bench/|tests/)`", table):
        assert (ROOT / folder).is_dir(), folder
    mapped = set(re.findall(r"`app/(\w+)/`", table))
    there = {path.parent.name for path in (ROOT / "app").glob("*/__init__.py")}
    assert there - mapped == set(), "folders that the map does not name"


def test_the_example_of_a_new_model_can_be_added(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    file = (provider_heads.CATALOGUE / "sketch.yaml").read_text(encoding="utf-8")
    (tmp_path / "sketch.yaml").write_text(file + example.group(1), encoding="utf-8")
    assert reading.load(tmp_path).find("sketch-tall") is not None


def test_every_task_has_a_queue() -> None:
    assert set(QUEUE_OF) == set(TaskName)


def test_every_task_has_a_doorway() -> None:
    doorways = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "worker").glob("*.py"))
    assert set(re.findall(r"@doorway\(TaskName\.(\w+)\)", doorways)) == {name.name for name in TaskName}
