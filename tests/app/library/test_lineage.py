"""What made a picture and what came of it: complete where families are small, bounded where they are not."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from app.accounts.models import User
from app.db import db, new_id, utc_now
from app.library import lineage
from app.library.lineage import Descendant, family_of
from app.library.models import Asset, AssetParent
from app.workspaces import queries


class Album:
    """Pictures by name, without files: lineage is about rows."""

    def __init__(self, owner: User) -> None:
        self.owner_id = owner.id
        self.workspace_id = queries.workspaces_of(owner.id)[0].id
        self.ids: dict[str, uuid.UUID] = {}
        # In the order in which they are added, which ids made in the same millisecond are not.
        self.next_id = new_id().int

    def add(self, *names: str) -> None:
        rows = []
        for name in names:
            self.ids[name] = uuid.UUID(int=self.next_id)
            self.next_id += 1
            rows.append(
                {
                    "id": self.ids[name], "owner_id": self.owner_id, "workspace_id": self.workspace_id, "ordinal": 0,
                    "kind": "image", "source": "generated", "mime": "image/png", "key": f"{self.ids[name]}.png",
                    "sha256": "0" * 64, "size_bytes": 1, "width_px": 64, "height_px": 64, "shown_name": name,
                    "recipe": {}, "created_at": utc_now(),
                }
            )  # fmt: skip
        db.session.execute(sa.insert(Asset), rows)

    def join(self, *links: tuple[str, str], role: str = "image") -> None:
        """Pairs of (what was made, what it was made from)."""
        rows = [{"asset_id": self.ids[made], "parent_id": self.ids[source], "role": role} for made, source in links]
        db.session.execute(sa.insert(AssetParent), rows)

    def __getitem__(self, name: str) -> Asset:
        db.session.commit()
        return db.session.get_one(Asset, self.ids[name])


@pytest.fixture
def album(owner: User) -> Album:
    return Album(owner)


def names(nodes: Sequence[Descendant]) -> list[object]:
    return [
        [node.asset.shown_name, *names(node.children)] if node.children else node.asset.shown_name for node in nodes
    ]


def back(family: lineage.Family) -> list[list[tuple[str, tuple[str, ...]]]]:
    return [[(each.asset.shown_name, each.roles) for each in generation] for generation in family.generations]


def test_a_picture_without_relatives_has_an_empty_family(album: Album) -> None:
    album.add("alone")
    family = family_of(album["alone"])
    assert (family.generations, family.goes_back, family.children, family.after) == ([], False, [], None)


def test_ancestors_come_with_their_roles_and_descendants_as_a_tree(album: Album) -> None:
    album.add("photo", "mask", "edit", "warmer", "colder", "large")
    album.join(("edit", "photo"), ("warmer", "edit"), ("colder", "edit"), ("large", "warmer"))
    album.join(("edit", "mask"), role="mask")
    family = family_of(album["warmer"])
    assert back(family) == [[("photo", ("image",)), ("mask", ("mask",))], [("edit", ("image",))]]
    assert names(family.children) == ["large"]
    assert names(family_of(album["photo"]).children) == [["edit", ["warmer", "large"], "colder"]]


def test_a_picture_that_came_of_another_in_two_roles_or_on_two_ways_stands_there_once(album: Album) -> None:
    album.add("photo", "edit", "both")
    album.join(("edit", "photo"), ("both", "photo"), ("both", "edit"))
    album.join(("both", "photo"), role="mask")
    children = family_of(album["photo"]).children
    assert names(children) == ["edit", "both"]
    assert set(children[1].roles) == {"image", "mask"}
    assert [[name for name, _ in each] for each in back(family_of(album["both"]))] == [["photo", "edit"]]


def test_a_deep_chain_is_shown_some_generations_each_way_and_says_that_it_goes_on(album: Album) -> None:
    chain = [f"{number}" for number in range(60)]
    album.add(*chain)
    album.join(*zip(chain[1:], chain, strict=False))
    family = family_of(album["40"])
    assert [generation[0].asset.shown_name for generation in family.generations] == [
        str(each) for each in range(28, 40)
    ]
    assert family.goes_back
    assert names(family.children) == [["41", ["42", ["43", "44"]]]]
    node = family.children[0].children[0].children[0].children[0]
    assert node.unshown == 1
    assert not family_of(album["12"]).goes_back


def test_a_wide_fan_comes_in_pages_and_nothing_is_lost_between_them(album: Album) -> None:
    fan = [f"{number}" for number in range(1500)]
    album.add("photo", *fan)
    album.join(*((name, "photo") for name in fan))
    seen: list[object] = []
    after = None
    began = time.perf_counter()
    for _ in range(3):
        family = family_of(album["photo"], after=after)
        seen += names(family.children)
        after = family.after
    assert time.perf_counter() - began < 3
    assert seen == fan[: 3 * lineage.CHILDREN_A_PAGE]
    assert after == album.ids[fan[len(seen) - 1]]


def test_of_many_grandchildren_the_first_are_shown_with_the_number_of_the_rest(album: Album) -> None:
    fan = [f"{number}" for number in range(40)]
    album.add("photo", "edit", *fan)
    album.join(("edit", "photo"), *((name, "edit") for name in fan))
    edit = family_of(album["photo"]).children[0]
    assert names(edit.children) == fan[: lineage.GRANDCHILDREN]
    assert edit.unshown == 40 - lineage.GRANDCHILDREN


def test_a_ring_of_pictures_ends_the_walk(album: Album) -> None:
    album.add("a", "b", "c")
    album.join(("b", "a"), ("c", "b"), ("a", "c"), ("a", "a"))
    family = family_of(album["a"])
    assert [[name for name, _ in each] for each in back(family)] == [["b"], ["c"]]
    assert not family.goes_back
    assert names(family.children) == [["b", "c"]]


def test_what_is_in_the_trash_still_joins_what_came_of_it(album: Album) -> None:
    album.add("photo", "edit", "warmer")
    album.join(("edit", "photo"), ("warmer", "edit"))
    album["edit"].deleted_at = utc_now()
    assert names(family_of(album["photo"]).children) == [["edit", "warmer"]]


def test_a_strangers_pictures_are_no_relatives(album: Album, stranger: User) -> None:
    theirs = Album(stranger)
    theirs.add("theirs", "further")
    album.add("mine", "beyond")
    album.ids |= theirs.ids
    album.join(("mine", "theirs"), ("theirs", "further"), ("theirs", "beyond"))
    family = family_of(album["mine"])
    assert (family.generations, family.children) == ([], [])
    assert family_of(album["further"]).children[0].asset.shown_name == "theirs"
    assert names(family_of(album["further"]).children) == ["theirs"]
    assert family_of(album["beyond"]).children == []
