"""What a conversation refuses."""

from __future__ import annotations

from app.errors import Conflict, Invalid


class StillWriting(Conflict):
    code = "still_writing"

    def __init__(self) -> None:
        super().__init__("The last answer is still being written. Wait for it, or stop it first.")


class ConversationFull(Conflict):
    code = "conversation_full"

    def __init__(self, most: int) -> None:
        super().__init__(f"This conversation has {most:,} messages, the most there can be. Delete it to begin anew.")


class CannotBeAnswered(Conflict):
    code = "nothing_to_answer"

    def __init__(self) -> None:
        super().__init__("There is no message before this one to answer. Write a new one.")


class OnlyYourOwnWords(Conflict):
    code = "not_yours_to_edit"

    def __init__(self) -> None:
        super().__init__("Answers cannot be edited. Edit the message before it, or ask again.")


class PicturesRefused(Invalid):
    """Too many pictures with one message, or one that is a film."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, fields={"pictures": sentence})
