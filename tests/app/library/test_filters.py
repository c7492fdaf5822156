from __future__ import annotations

import uuid
from datetime import date
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.library.filters import Filters, from_query
from app.providers.contract import Operation


def maybe(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | values


days = st.dates(min_value=date(1970, 1, 1))
words = st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable() and text.strip() != "")


@st.composite
def filters(draw: st.DrawFn) -> Filters:
    since, until = draw(maybe(days)), draw(maybe(days))
    if isinstance(since, date) and isinstance(until, date) and since > until:
        since, until = until, since
    return Filters.model_validate(
        {
            "q": draw(st.text(max_size=60)),
            "workspace_id": draw(maybe(st.uuids())),
            "kind": draw(maybe(st.sampled_from(["image", "video"]))),
            "source": draw(maybe(st.sampled_from(["generated", "uploaded"]))),
            "since": since,
            "until": until,
            "model": draw(st.lists(words, max_size=3)),
            "style": draw(st.lists(words, max_size=3)),
            "operation": draw(st.lists(st.sampled_from(list(Operation)), max_size=3)),
            "favourite": draw(maybe(st.booleans())),
            "rejected": draw(maybe(st.booleans())),
            "rating": draw(maybe(st.integers(1, 5))),
            "tag": draw(st.lists(words.filter(lambda text: text.lstrip("#").strip() != ""), max_size=3)),
            "batch_id": draw(maybe(st.uuids())),
            "trashed": draw(st.booleans()),
        }
    )


@given(filters())
def test_an_address_says_everything_and_is_read_back(given_filters: Filters) -> None:
    assert from_query(parse_qsl(given_filters.to_query())) == given_filters


def test_what_is_not_set_stands_in_no_address() -> None:
    assert Filters().to_query() == ""
    assert Filters(q="red fox", favourite=False, rating=3).to_query() == "q=red+fox&favourite=false&rating=3"


def test_a_chip_changes_one_trait_and_keeps_the_others() -> None:
    shown = Filters(q="fox", kind="video", trashed=True)
    assert shown.to_query(kind=None) == "q=fox&trashed=true"
    assert shown.to_query(trashed=False, tag="keepers") == "q=fox&kind=video&tag=keepers"


def test_a_repeated_trait_takes_each_value_once_and_another_the_last() -> None:
    address = "model=sketch&model=flux&model=sketch&tag=Night&tag=%23cover&operation=inpaint&kind=image&kind=video"
    found = from_query(parse_qsl(address))
    assert found.model == ("sketch", "flux")
    assert found.tag == ("night", "cover")
    assert found.operation == (Operation.INPAINT,)
    assert found.kind == "video"
    assert found.to_query(model=("flux",)) == "kind=video&model=flux&operation=inpaint&tag=night&tag=cover"


def test_what_else_stands_in_an_address_is_passed_over() -> None:
    assert from_query({"q": "", "kind": "", "group": "batch", "after": "x", "rating": "2"}.items()) == Filters(rating=2)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("kind", "painting", "Use one of: 'image' or 'video'."),
        ("since", "20 November", "Write the day as 2026-11-20."),
        ("since", "2026-02-30", "Write the day as 2026-11-20."),
        ("until", "1066-10-14", "Use a day from 1970-01-01 on."),
        ("favourite", "maybe", "Use true or false."),
        ("rating", "6", "Use a number up to 5."),
        ("rating", "many", "Use a whole number."),
        ("tag.0", "#", "Give the tag a word."),
        ("model.0", "\u200b", "Give a name that can be seen."),
        ("operation.0", "magic", "Use one of: "),
        ("batch_id", "the last", "Use the id as it was given to you."),
        ("q", "x" * 2001, "Use at most 2,000 characters; this has 2,001."),
    ],
)
def test_a_refusal_names_the_trait_and_what_would_do(name: str, value: str, sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        from_query([(name.partition(".")[0], value)])
    assert refused.value.fields.keys() == {name}
    assert refused.value.fields[name].startswith(sentence)


def test_nobody_asks_for_very_many_values() -> None:
    with pytest.raises(Invalid, match="at most 20"):
        from_query([("tag", f"tag {number}") for number in range(21)])


def test_days_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(Invalid, match="exchange them"):
        from_query([("since", "2026-11-20"), ("until", "2026-11-19")])


def test_a_tag_is_one_word_however_it_is_written() -> None:
    assert from_query([("tag", " #Cover Ideas ")]).tag == ("cover ideas",)
    assert Filters(workspace_id=uuid.UUID(int=7)).narrowing == {"workspace_id": uuid.UUID(int=7)}
