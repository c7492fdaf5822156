from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from scripts.vendor import ROOT, copy

TABLE = tomllib.loads((ROOT / "scripts" / "vendor.toml").read_text(encoding="utf-8"))


def test_exactly_the_packages_we_serve_are_dependencies_beside_the_one_that_joins_our_scripts() -> None:
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert {*TABLE, "esbuild"} == set(package["dependencies"])


def test_every_package_comes_with_its_licence() -> None:
    for package, files in TABLE.items():
        assert any(target.startswith("licences/") for target in files.values()), package


def test_no_two_files_land_on_one_name() -> None:
    targets = [target for files in TABLE.values() for target in files.values()]
    assert len(targets) == len(set(targets))


@pytest.mark.parametrize(
    ("name", "content", "copied"),
    [
        ("x.js", b"go();\n//# sourceMappingURL=x.js.map\n", b"go();\n"),
        ("x.css", b"p{}\n/*# sourceMappingURL=x.css.map */", b"p{}\n"),
        ("x.js", b'const s = "\\n//# sourceMappingURL=" + url;\n', b'const s = "\\n//# sourceMappingURL=" + url;\n'),
        ("x.woff2", b"\n//# sourceMappingURL=x", b"\n//# sourceMappingURL=x"),
    ],
)
def test_only_the_hint_at_a_map_that_is_not_served_is_left_out(
    tmp_path: Path, name: str, content: bytes, copied: bytes
) -> None:
    source = tmp_path / "modules" / "@scope" / "package" / "dist" / name
    source.parent.mkdir(parents=True)
    source.write_bytes(content)
    target = tmp_path / "vendor"
    assert copy({"@scope/package": {f"dist/{name}": f"sub/{name}"}}, tmp_path / "modules", target) == 1
    assert (target / "sub" / name).read_bytes() == copied


def test_bootstrap_is_copied_into_a_layer_below_ours_without_what_slows_lists(tmp_path: Path) -> None:
    source = tmp_path / "modules" / "bootstrap" / "dist" / "bootstrap-reboot.min.css"
    source.parent.mkdir(parents=True)
    source.write_bytes(b'@charset "UTF-8";legend{float:left}legend+*{clear:left}a{color:red}\n')
    wanted = {"bootstrap": {"dist/bootstrap-reboot.min.css": "bootstrap-reboot.min.css"}}
    copy(wanted, tmp_path / "modules", tmp_path / "vendor")
    assert (tmp_path / "vendor" / "bootstrap-reboot.min.css").read_bytes() == (
        b"@layer bootstrap{legend{float:left}a{color:red}}\n"
    )


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="absent"):
        copy({"absent": {"x.js": "x.js"}}, tmp_path, tmp_path / "vendor")
