"""A conversation as pages show it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from app import money
from app.chat import queries
from app.chat.domain import OPEN, Role, State, variations_of
from app.chat.markdown import Block, Proposal, blocks_of
from app.chat.models import ChatMessage
from app.chat.queries import Stretch
from app.db import new_id
from app.errors import AppError
from app.generation import planning
from app.generation.choosing import offered_to
from app.generation.specs import GenerationSpec
from app.library.views import ImageView, image_view
from app.money import ZERO
from app.providers.catalogue import ModelRow
from app.providers.contract import Operation
from app.providers.registry import catalogue
from app.wildcards.reading import templates_of
from app.workspaces.models import Workspace

_ENDED_EARLY = {
    State.STOPPED: "Stopped. What came so far stays.",
    State.INTERRUPTED: "Interrupted: the server stopped in the middle of it.",
}


@dataclass(frozen=True, slots=True)
class CardView:
    """A proposed prompt with what can be done with it. refusal: why it cannot be generated as it is.

    model: what it is generated with where no form says otherwise. count: how many pictures its macros make.
    """

    prompt: str
    negative: str
    variations: str
    model: str = ""
    model_name: str = ""
    count: int = 1
    price_text: str = ""
    refusal: str = ""
    kind: str = "card"
    # Of one click, and of the same click sent twice.
    key: str = field(default_factory=lambda: str(new_id()))

    @property
    def generate_text(self) -> str:
        many = f" {self.count:,}".replace(",", "\u2009") if self.count > 1 else ""
        return f"Generate{many} · {self.price_text}"


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message. blocks: of an answer that ended; content: as it was said. who: what answered, with its price."""

    id: uuid.UUID
    role: str
    state: str
    content: str
    blocks: Sequence[Block | CardView]
    pictures: Sequence[ImageView]
    note: str
    problem: str
    who: str
    at: datetime

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_mine(self) -> bool:
        return self.role == Role.USER


@dataclass(frozen=True, slots=True)
class ConversationView:
    """A stretch of a conversation, and what all of it has cost. earlier: where it goes on, further back."""

    messages: Sequence[MessageView]
    earlier: uuid.UUID | None
    later: bool
    spent_text: str
    is_open: bool
    is_summarised: bool


def conversation_view(workspace: Workspace, shown: Stretch) -> ConversationView:
    conversation = queries.conversation_of(workspace.id)
    spent = conversation.spent if conversation is not None else ZERO
    return ConversationView(
        messages=message_views(workspace, shown.messages),
        earlier=shown.earlier,
        later=shown.later,
        spent_text=money.show(spent) if spent else "",
        is_open=queries.open_answer(workspace.id) is not None,
        is_summarised=conversation is not None and bool(conversation.summary),
    )


def message_views(workspace: Workspace, messages: Sequence[ChatMessage]) -> list[MessageView]:
    pictures = queries.pictures_of([message.id for message in messages])
    cards = _Cards(workspace)
    return [
        MessageView(
            id=message.id,
            role=message.role,
            state=message.state,
            content=message.content,
            blocks=[] if message.role == Role.USER or message.state in OPEN else cards.laid_out(message.content),
            pictures=[image_view(asset) for asset in pictures[message.id]],
            note=message.note,
            problem=message.error or _ENDED_EARLY.get(State(message.state), ""),
            who=_who(message),
            at=message.created_at,
        )
        for message in messages
    ]


class _Cards:
    """Makes the cards of one page: what a single picture costs is asked once."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._price: Decimal | None = None
        # As the form lists them: what is built in after the others.
        models = offered_to(workspace.owner_id).doing(Operation.TXT2IMG)
        self._model = min(models, key=lambda model: catalogue().provider_of(model).kind == "builtin", default=None)

    def laid_out(self, text: str) -> list[Block | CardView]:
        return [self._card(block) if isinstance(block, Proposal) else block for block in blocks_of(text)]

    def _card(self, proposal: Proposal) -> CardView:
        words = (proposal.prompt, proposal.negative, variations_of(proposal.prompt))
        if self._model is None:
            return CardView(*words, refusal="No model that makes pictures is switched on here.")
        try:
            count = sum(plan.total for _, plan in templates_of(self._workspace.id, proposal.prompt))
            price = self._price_each(self._model) * count
        except AppError as error:
            return CardView(*words, refusal=error.message)
        return CardView(
            *words, model=self._model.id, model_name=self._model.name, count=count, price_text=money.show(price)
        )

    def _price_each(self, model: ModelRow) -> Decimal:
        if self._price is None:
            spec = GenerationSpec(prompt="a picture", model=model.id)
            self._price = planning.count(self._workspace, spec).price_each
        return self._price


def _who(message: ChatMessage) -> str:
    """ "Claude Haiku · <$0.01"; of an answer that did not end by itself the most it can have cost."""
    if message.role == Role.USER:
        return ""
    price = money.show(message.cost) if message.provider or message.cost else ""
    if message.cost and message.state in {State.STOPPED, State.INTERRUPTED}:
        price = f"at most {price}"
    return " · ".join(filter(None, (message.model, price)))
