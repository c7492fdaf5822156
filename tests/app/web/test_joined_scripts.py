from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from app.web.joined_scripts import JoinedScripts

SCRIPTS = Path("static/js")


def written(folder: Path, **files: str) -> Path:
    """Modules by name; two underscores stand for a slash."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.js"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "package.json").write_text('{"type": "module"}')
    return folder


def joined(folder: Path, into: Path) -> Path:
    scripts = JoinedScripts(folder)
    shutil.copytree(folder, into)
    for head in scripts.heads:
        (into / head).write_text(scripts.text(head) or (folder / head).read_text())
    return into


def run(folder: Path) -> str:
    done = subprocess.run(["node", "app.js"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_joined_page_does_what_its_modules_do(tmp_path: Path) -> None:
    pages = written(
        tmp_path / "apart",
        app="""
// Two groups that count together.
import { count, seen as total } from "./logic/count.js";
const name = "app";
count(name);
soon(async () => {
  for (const group of [() => import("./groups/first.js"), () => import("./groups/second.js")]) {
    const { tell } = await group();
    tell();
  }
  console.log(`${name}: ${total()} // not a comment`);
});
async function soon(work) {
  await work();
}
""".lstrip(),
        logic__count="let all = 0;\n/** Say\n * that it was. */\nexport const count = (by) => {\n  all += 1;\n"
        "  console.log(`${by} ${all}`);\n};\nexport function seen() {\n  return all;\n}\n",
        logic__shared='import { count } from "./count.js";\n\nlet told = 0;\nexport class Shared {\n  tell() {\n'
        "    told += 1;\n    count(`shared ${told}`);\n  }\n}\n",
        groups__first='import { Shared } from "../logic/shared.js";\nexport const tell = () => new Shared().tell();\n',
        groups__second='import "./first.js";\nimport {\n  Shared,\n} from "../logic/shared.js";\n'
        "export async function tell() {\n  new Shared().tell();\n}\n",
    )
    together = joined(pages, tmp_path / "together")
    shutil.rmtree(together / "logic")
    assert run(together) == run(pages)
    assert "shared 2 3\napp: 3 // not a comment" in run(together)


def test_each_module_travels_once_and_with_those_who_need_it() -> None:
    scripts = JoinedScripts(SCRIPTS)
    texts = {head: scripts.text(head) or "" for head in scripts.heads}
    for path in sorted(SCRIPTS.rglob("*.js")):
        name = path.relative_to(SCRIPTS).as_posix()
        at = [head for head, text in texts.items() if f"const {_name(name)} = (" in text]
        assert len(at) == (0 if "passkey" in name else 1), (name, at)
    # Whoever is not signed in gets nothing of the queue and the pictures.
    for part in ("modules_live", "modules_selection"):
        assert f"const ${part} = (" not in texts["app.js"]


def test_every_module_that_a_page_names_is_in_a_group_under_that_name() -> None:
    groups = re.findall(r'import\("\./(groups/[\w-]+\.js)"\), "([^"]+)"', (SCRIPTS / "app.js").read_text())
    assert len(groups) >= 5
    homes = {"dialog", "menu", "segments"}
    for path, names in groups:
        table = re.search(r"provide\(\{\n(.+?)\n\}\);", (SCRIPTS / path).read_text(), re.DOTALL)
        assert table is not None
        assert set(names.split()) == set(re.findall(r'^  "?([\w-]+)"?:', table[1], re.MULTILINE)), path
        homes.update(names.split())
    pages = "".join(path.read_text() for path in Path("templates").rglob("*.html"))
    plain = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", pages)
    named = {name for found in re.findall(r'data-(?:module|called)="([^"]*)"', plain) for name in found.split()}
    assert named <= homes


def _name(path: str) -> str:
    return "$" + path.removesuffix(".js").replace("/", "_").replace("-", "_")


@pytest.mark.parametrize("head", JoinedScripts(SCRIPTS).heads)
def test_what_is_served_is_a_module_without_comments(head: str, tmp_path: Path) -> None:
    text = JoinedScripts(SCRIPTS).text(head) or ""
    served = tmp_path / "served.mjs"
    served.write_text(text)
    subprocess.run(["node", "--check", served], check=True)
    assert not [line for line in text.splitlines() if line.strip().startswith(("//", "/*", "* "))]


@pytest.mark.parametrize(
    "text",
    [
        'import whole from "./other.js";\n',
        "export default 1;\n",
        "const long = `one\ntwo`;\n",
        'export * from "./other.js";\n',
    ],
)
def test_a_form_that_is_not_known_is_refused_by_its_name(text: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"app\.js cannot be joined"):
        JoinedScripts(written(tmp_path, app=text, other="export const a = 1;\n"))


def test_modules_that_import_each_other_are_refused(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        app='import { a } from "./a.js";\na();\n',
        a='import { b } from "./b.js";\nexport const a = () => b();\n',
        b='import { a } from "./a.js";\nexport const b = () => a();\n',
    )
    with pytest.raises(ValueError, match="import each other"):
        JoinedScripts(folder).text("app.js")
