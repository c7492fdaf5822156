"""What CONTRIBUTING shows of a new provider, done to the letter: two files, and it is offered, keyed, priced and
paints. Nothing else in the product has heard of it."""

from __future__ import annotations

import io
import re
import shutil
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from PIL import Image

from app import doctor, provider_heads, providers
from app.accounts import provider_keys
from app.accounts.models import User
from app.billing.models import UsageEntry
from app.config import BadSettings, Settings, settings_table
from app.db import db
from app.generation import planning
from app.generation.specs import GenerationSpec
from app.playground import model_choices
from app.product import ROOT
from app.studio.models_on_offer import can_be_columns, heading
from app.workspaces import queries
from tests.support.engine import Engine
from tests.support.visitor import Visitor
from tests.support.wire import Said, Seen, Wire

HOUSE, MINE = "acme-house-0123456789", "acme-mine-0123456789"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class AcmeFake(Wire):
    def handle(self, seen: Seen) -> Said:
        if seen.headers["Authorization"] not in {f"Bearer {HOUSE}", f"Bearer {MINE}"}:
            return Said(401, {"error": "who are you?"})
        if seen.path == "/account":
            return Said(200, {"name": "somebody"})
        width_px, height_px = seen.json()["size"]
        self.charge("paint", "0.02")
        file = io.BytesIO()
        Image.new("RGB", (width_px, height_px), "purple").save(file, "PNG")
        return Said(200, file.getvalue())


@pytest.fixture
def wire() -> Iterator[AcmeFake]:
    with AcmeFake() as wire:
        yield wire


@pytest.fixture
def two_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue with one file more, and a folder with the adapter where such modules are looked for."""
    shown = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## A new provider")[1]
    (adapter,) = re.findall(r"```python\n(.*?)```", shown, re.DOTALL)
    (rows,) = re.findall(r"```yaml\n(.*?)```", shown, re.DOTALL)
    catalogue = tmp_path / "catalogue"
    shutil.copytree(provider_heads.CATALOGUE, catalogue, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (catalogue / "acme.yaml").write_text(rows, encoding="utf-8")
    (tmp_path / "acme.py").write_text(adapter, encoding="utf-8")
    monkeypatch.setattr(provider_heads, "CATALOGUE", catalogue)
    monkeypatch.setattr(providers, "__path__", [*providers.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "app.providers.acme", raising=False)


@pytest.fixture
def settings_more(two_files: None, wire: AcmeFake) -> dict[str, str]:
    return {"ACME_API_KEY": HOUSE, "DARKROOM_ACME_BASE_URL": wire.url}


def test_its_settings_are_read_like_all_others_and_its_key_is_shown_nowhere(settings: Settings, wire: AcmeFake) -> None:
    assert (settings.key_for("acme"), settings.base_url_for("acme")) == (HOUSE, wire.url)
    assert HOUSE not in repr(settings) + str(settings) + settings.model_dump_json()
    assert "| `ACME_API_KEY` |  | Key of Acme, for pictures |" in settings_table()
    assert "| `DARKROOM_ACME_BASE_URL` | `https://api.acme.example` | Where Acme answers |" in settings_table()
    with pytest.raises(BadSettings, match="DARKROOM_ACME_BASE_URL must look like https://") as refusal:
        Settings.from_environ({"ACME_API_KEY": HOUSE, "DARKROOM_ACME_BASE_URL": "http://acme.example"})
    assert HOUSE not in str(refusal.value)


def test_it_is_offered_priced_and_paints_and_nobody_loads_it_before(
    app: APIFlask, owner: User, engine: Engine, wire: AcmeFake
) -> None:
    (workspace, *_) = queries.workspaces_of(owner.id)
    page = Visitor(app, owner.email).get(f"/w/{workspace.id}").get_data(as_text=True)
    assert 'value="acme-one"' in page
    (choice,) = [each for each in model_choices.choices(owner.id) if each.id == "acme-one"]
    assert (choice.name, choice.wants_key, choice.own_key) == ("Acme One", False, False)
    assert heading("acme-one") == ("Acme", "One")
    assert "acme-one" not in [model.id for model in can_be_columns(owner.id)], "it cannot be refined"
    asked = GenerationSpec(prompt="a fox", model="acme-one", batch_size=2)
    assert planning.count(workspace, asked).price == Decimal("0.04")
    assert "app.providers.acme" not in sys.modules

    batch = engine.submit(workspace, model="acme-one", width=512, height=256)
    engine.turn()
    assert engine.states(batch) == ["succeeded"]
    (asset,) = engine.assets()
    assert (asset.model, asset.width_px, asset.height_px) == ("acme-one", 512, 256)
    settled = db.session.scalars(sa.select(UsageEntry).where(UsageEntry.kind == "settle")).one()
    assert (settled.provider, settled.amount) == ("acme", wire.charged)
    engine.check()


def test_people_bring_their_own_keys_to_it(app: APIFlask, owner: User, engine: Engine, wire: AcmeFake) -> None:
    visitor = Visitor(app, owner.email)
    page = visitor.get("/settings/provider-keys").get_data(as_text=True)
    assert re.search(r'data-words="[^"]*\bacme\b', page)
    assert "/settings/provider-keys/acme" in page
    visitor.get("/settings/provider-keys/acme")
    assert visitor.post("/settings/provider-keys/acme", {"key": MINE}).status_code == 303
    row = provider_keys.row_of(owner, "acme")
    provider_keys.check(row.id)
    assert provider_keys.row_of(owner, "acme").check_said == "The key is accepted."
    (workspace, *_) = queries.workspaces_of(owner.id)
    batch = engine.submit(workspace, model="acme-one", width=512, height=512)
    engine.turn()
    assert engine.states(batch) == ["succeeded"]
    assert [each.headers["Authorization"] for each in wire.seen] == [f"Bearer {MINE}"] * 2


def test_the_doctor_tries_its_key(app: APIFlask, wire: AcmeFake) -> None:
    (finding,) = [each for each in doctor._providers() if each.what == "provider acme"]
    assert (finding.ok, finding.says) == (True, "The key is accepted. 1 models")
