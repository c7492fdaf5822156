"""What a language model is asked for an answer: the conversation so far, read from the rows."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.chat import queries
from app.chat.domain import Look, Made, Role, Said, Setting, parted, system_prompt
from app.chat.models import ChatMessage
from app.db import db
from app.extensions import settings, storage
from app.library import queries as library
from app.library.models import Asset
from app.llm.contract import Ask, LanguageModel, Message, Picture
from app.llm.registry import BUILTIN
from app.workspaces import queries as workspaces
from app.workspaces.models import Theme, Workspace

ANSWER_TOKENS = 1_500
# Pictures cost a model as much as pages of text: only the latest are shown.
_PICTURES_SHOWN = 4
_LAST_PICTURES = 6


@dataclass(frozen=True, slots=True)
class Material:
    """All that rows know of a conversation, up to an answer that is to be written.

    older: what is to join the summary. turns: of the conversation, when it was read.
    """

    setting: Setting
    summary: str
    older: Sequence[Said]
    recent: Sequence[Said]
    pictures: dict[uuid.UUID, list[Asset]]
    turns: int

    @property
    def is_shown_pictures(self) -> bool:
        """Whether the message to be answered came with pictures."""
        return bool(self.recent and self.pictures.get(self.recent[-1].id))


def material_for(answer: ChatMessage) -> Material:
    """Read what an answer is to be made of."""
    # First, so that any change after it shows in its turns.
    conversation = queries.conversation_of(answer.workspace_id)
    since = conversation.summary_until if conversation is not None else None
    messages = [
        Said(each.id, Role(each.role), each.content) for each in queries.before(answer, since=since) if each.content
    ]
    older, recent = parted(messages)
    return Material(
        setting=_setting(answer.workspace_id),
        summary=conversation.summary if conversation is not None else "",
        older=older,
        recent=recent,
        pictures=queries.pictures_of([each.id for each in recent]),
        turns=conversation.turns if conversation is not None else 0,
    )


def ask_for(material: Material, model: LanguageModel) -> Ask:
    """The question to a model; one that does not see reads what is known of the pictures instead."""
    # The built-in rules read single words, and say by themselves that they do not see.
    tells = not model.sees and model.id != BUILTIN
    shown = _latest([] if tells else material.recent, material.pictures)
    turns: list[Message] = []
    for said in material.recent:
        text = said.text
        if tells and (pictures := material.pictures.get(said.id)):
            text = f"{text}\n\n{_unseen(pictures)}"
        if turns and turns[-1].role == said.role:
            # Providers want the roles to take turns; they do not where a message was deleted.
            last = turns[-1]
            turns[-1] = replace(last, text=f"{last.text}\n\n{text}", pictures=(*last.pictures, *shown.get(said.id, ())))
        elif turns or said.role is Role.USER:
            turns.append(Message(said.role.value, text, shown.get(said.id, ())))
    return Ask(
        system=system_prompt(material.setting, material.summary),
        messages=tuple(turns),
        max_tokens=ANSWER_TOKENS,
        timeout_s=settings().language_timeout_s,
        facts=_facts(material),
    )


def _facts(material: Material) -> dict[str, list[str]]:
    """The prompts of the pictures that the newest message came with, and of the workspace's last ones."""
    shown = material.pictures.get(material.recent[-1].id, ()) if material.recent else ()
    prompts = {
        "shown": [_prompt(asset.recipe) for asset in shown],
        # Who shows a picture does not mean another; and what a video was asked for is a movement, not a picture.
        "last": [] if shown else [made.prompt for made in material.setting.pictures if not made.is_video],
    }
    return {name: [each.replace("```", "") for each in told if each] for name, told in prompts.items()}


def _setting(workspace_id: uuid.UUID) -> Setting:
    workspace = db.session.get_one(Workspace, workspace_id)
    theme = db.session.get(Theme, workspace.theme_id) if workspace.theme_id else None
    page = library.pictures_of(workspace_id, most=_LAST_PICTURES, source="generated")
    return Setting(
        workspace=workspace.name,
        theme=Look(theme.name, f"{theme.base_prompt} {theme.description}") if theme else None,
        styles=[Look(style.name, style.positive, style.negative) for style in workspaces.styles_of(workspace_id)],
        pictures=[_made(asset) for asset in page.assets],
    )


def _made(asset: Asset) -> Made:
    verdict = "a favourite" if asset.favourite else "rejected" if asset.rejected else ""
    return Made(_prompt(asset.recipe), asset.model or "", verdict, asset.shown_name, asset.kind == "video")


def _prompt(recipe: dict[str, Any]) -> str:
    return str(recipe.get("template") or recipe.get("prompt") or "")


def _unseen(pictures: Sequence[Asset]) -> str:
    known = "; ".join(f"“{words[:500]}”" for asset in pictures if (words := _prompt(asset.recipe)))
    made = f" They were made with: {known}." if known else ""
    return (
        f"[Pictures came with this message: {len(pictures)}. You cannot see them, so say nothing of their looks.{made}]"
    )


def _latest(said: Sequence[Said], pictures: dict[uuid.UUID, list[Asset]]) -> dict[uuid.UUID, tuple[Picture, ...]]:
    """The newest pictures of a conversation, by the message they came with."""
    left = _PICTURES_SHOWN
    shown: dict[uuid.UUID, tuple[Picture, ...]] = {}
    for each in reversed(said):
        found = [picture for asset in pictures.get(each.id, [])[:left] if (picture := _picture(asset)) is not None]
        if found:
            shown[each.id] = tuple(found)
            left -= len(found)
    return shown


def _picture(asset: Asset) -> Picture | None:
    """The smaller copy where there is one; of a video its poster."""
    copy = asset.preview_key or asset.poster_key
    if copy is None and asset.kind == "video":
        return None
    try:
        return Picture(storage().read(copy or asset.key), "image/webp" if copy else asset.mime)
    except FileNotFoundError:
        return None
