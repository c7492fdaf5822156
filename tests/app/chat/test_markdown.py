"""What a model writes is text, whatever it tries to be."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.markdown import Block, Proposal, Span, blocks_of, fenced_prompt, proposals_of, spans_of
from app.limits import PROMPT_CHARS

ANSWER = """Here are two ways in.

```prompt
a red fox in fresh snow, low sun
negative: text, watermark
```
Or **darker**, with *less* sky:
- one `fox`
- two foxes
  by a lake
1. first
2) second
## Why
See [the guide](https://example.com/light).

```python
print("<b>")
```"""


def test_an_answer_becomes_its_blocks() -> None:
    kinds = [block.kind if isinstance(block, Block) else "prompt" for block in blocks_of(ANSWER)]
    assert kinds == ["paragraph", "prompt", "paragraph", "bullets", "numbers", "heading", "paragraph", "code"]
    bullets = blocks_of(ANSWER)[3]
    assert isinstance(bullets, Block)
    assert bullets.lines[0] == (Span("text", "one "), Span("code", "fox"))
    assert bullets.lines[1] == (Span("text", "two foxes by a lake"),)


def test_a_fenced_block_named_prompt_is_a_proposal() -> None:
    assert proposals_of(ANSWER) == [Proposal("a red fox in fresh snow, low sun", "text, watermark")]


@pytest.mark.parametrize(
    "text",
    [
        "```prompt\na fox that is still being wri",
        "```prompt\n\n```",
        "```prompt\nnegative: text\n```",
        "```Prompt engineering\n",
        f"```prompt\n{'x' * (PROMPT_CHARS + 1)}\n```",
        "a fox in a prompt, not in a fence",
    ],
)
def test_what_is_unfinished_empty_or_too_long_is_no_proposal(text: str) -> None:
    assert proposals_of(text) == []


def test_links_are_words_with_an_address_and_only_of_the_web() -> None:
    assert spans_of("[here](https://example.com)") == (Span("link", "here", "https://example.com"),)
    for text in ("[x](javascript:alert(1))", "[x](data:text/html,x)", "[x](//evil.example)", "![x](http://a b)"):
        assert all(span.kind == "text" for span in spans_of(text))


def test_marks_within_words_stay() -> None:
    assert spans_of("2 * 3 * 4 and a_b_c") == (Span("text", "2 * 3 * 4 and a_b_c"),)


@given(st.text(st.sampled_from("`~*_[]()#-1. \n<>&abhttps:/{}\u202e\x00"), max_size=300))
def test_no_text_breaks_the_reader_or_gets_lost(text: str) -> None:
    shown = "".join(_shown(block) for block in blocks_of(text))
    for letter in "ab&<>{}":
        if letter in text and "```" not in text and "~~~" not in text:
            assert letter in shown


@given(st.text(max_size=200), st.text(max_size=50))
def test_a_proposal_survives_being_written_and_read(prompt: str, negative: str) -> None:
    plain = " ".join(prompt.replace("`", "").replace("~", "").split())
    negative = " ".join(negative.replace("`", "").replace("~", "").split())
    if plain and not plain.lower().startswith("negative"):
        assert proposals_of(fenced_prompt(Proposal(plain, negative))) == [Proposal(plain, negative)]


@pytest.mark.parametrize(
    "piece", ["*", "**", "`", "_", "[", "[a](http://", "*a", "**a", "[[](", "```", "- ", "# ", "1. ", "~~~x", "_a"]
)
@pytest.mark.parametrize("between", ["", "\n", " "])
def test_nothing_makes_the_reader_slow(piece: str, between: str) -> None:
    began = time.process_time()
    blocks_of((piece + between) * (40_000 // len(piece)))
    assert time.process_time() - began < 2


def _shown(block: Block | Proposal) -> str:
    if isinstance(block, Proposal):
        return block.prompt + block.negative
    return block.text + "".join(span.text + span.address for line in block.lines for span in line)
