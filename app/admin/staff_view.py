"""Flask-Admin's views as ours: behind the staff's door, looked at and never changed, on our own pages."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

import flask_admin
from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_admin.form import BaseForm
from flask_admin.model import BaseModelView
from flask_admin.model.base import ViewArgs

from app.accounts.access import turn_away_all_but_admins
from app.admin import cells, queries
from app.admin.filters import Filter
from app.admin.sources import Column, Source
from app.errors import NotFound

ROWS_A_PAGE = 50
# Further back a database counts rows for longer than a person waits: days lead there.
LAST_PAGE = 999
LONGEST_SEARCH = 200


# (words, endpoint) of other tables, narrowed on a row's page to what belongs to that row.
Links = Sequence[tuple[str, str]]
View = TypeVar("View", bound=Callable[..., Any])


def at(path: str, *methods: str) -> Callable[[View], View]:
    """Decorate a method of a view: its address below the view's. GET unless other methods are named."""

    def decorate(view: View) -> View:
        flask_admin.expose(path, methods or ("GET",))(view)
        return view

    return decorate


class StaffView(flask_admin.BaseView):  # type: ignore[misc]  # Flask-Admin carries no types
    """A page for admins. Whoever else comes is sent to sign in, or finds nothing here."""

    def _handle_view(self, name: str, **kwargs: Any) -> ResponseReturnValue | None:
        return turn_away_all_but_admins()

    def _run_view(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        # Flask-Admin calls a view once more, otherwise, after a TypeError: it would hide where that came from.
        return fn(self, *args, **kwargs)

    def render(self, template: str, **facts: Any) -> str:
        # Without the names Flask-Admin adds: `theme` is dark or light here, and its own pages are not used.
        return render_template(template, admin_view=self, **facts)


class StaffTable(StaffView, BaseModelView):  # type: ignore[misc]  # as above
    """Rows of one kind. What is searched, how it is narrowed and ordered, and the page stand in the address."""

    can_create = can_edit = can_delete = False
    page_size = ROWS_A_PAGE
    list_template = "admin/table.html"
    column_type_formatters = cells.BY_TYPE
    column_type_formatters_detail = cells.BY_TYPE_ON_ITS_PAGE

    # Flask-Admin's ways to change, export and look up: without an address, instead of each refusing by a switch.
    create_view = edit_view = delete_view = action_view = export = ajax_lookup = ajax_update = None
    details_view: Any = None

    last_page = LAST_PAGE
    about: ClassVar[str] = ""
    """One sentence above the table."""
    search_words: ClassVar[str] = "Id or e-mail address"
    number_columns: ClassVar[frozenset[str]] = frozenset()
    """Set right, so that digits stand under digits."""
    phone_columns: ClassVar[frozenset[str]] = frozenset()
    """What a narrow screen has room for; a row's own page has everything."""

    def __init__(self, name: str, endpoint: str, icon: str) -> None:
        super().__init__(
            type(self), name, endpoint=f"admin_{endpoint}", url=endpoint.replace("_", "-"), menu_icon_value=icon
        )

    # What Flask-Admin asks of a backend

    def get_pk_value(self, row: Any) -> str:
        return str(row.id)

    def scaffold_sortable_columns(self) -> dict[str, str]:
        return {}

    def scaffold_form(self) -> type[Any]:
        # Asked for at the start even where nothing is edited.
        form: type[Any] = BaseForm
        return form

    def get_filter_arg(self, index: int, flt: Filter) -> str:
        return str(flt.key_name)

    # The address

    def _get_list_filter_args(self) -> list[tuple[int, str, str]]:
        # By plain names; Flask-Admin would number them. What is no choice is passed over, and the form shows it open.
        given = ((index, each, request.args.get(each.key_name, "")) for index, each in enumerate(self._filters or ()))
        return [(index, each.name, value) for index, each, value in given if value and each.validate(value)]

    def _get_list_extra_args(self) -> ViewArgs:
        args = super()._get_list_extra_args()
        args.page = min(max(args.page, 0), LAST_PAGE)
        args.search = (args.search or "").strip()[:LONGEST_SEARCH] or None
        args.extra_args = {}
        column = self._get_column_by_idx(args.sort)
        if column is None or column[0] not in self._sortable_columns:
            args.sort = args.sort_desc = None
        return args

    def _get_list_url(self, view_args: ViewArgs) -> str:
        set_filters = {self._filters[index].key_name: value for index, _, value in view_args.filters or ()}
        address: str = self.get_url(
            ".index_view",
            search=view_args.search,
            **set_filters,
            sort=view_args.sort,
            desc=1 if view_args.sort_desc else None,
            page=view_args.page or None,
        )
        return address

    # For the template

    @property
    def fields(self) -> list[tuple[Filter, str]]:
        """The filters with what each is set to."""
        set_now = {index: value for index, _, value in self._get_list_filter_args()}
        return [(each, set_now.get(index, "")) for index, each in enumerate(self._filters or ())]

    def order_of(self, column: str, chosen: str | None, descending: bool) -> str | None:
        """ "ascending" or "descending" for the column that leads the order. By default the newest come first."""
        if column == chosen:
            return "descending" if descending else "ascending"
        return "descending" if chosen is None and column in self._sortable_columns and column == "created_at" else None

    def class_of(self, column: str) -> str:
        words = ["is-number"] if column in self.number_columns else []
        return " ".join(words if column in self.phone_columns else [*words, "is-wide"])


class SourceTable(StaffTable):
    """The rows of a source, newest first unless another order is asked for."""

    can_view_details = True
    details_template = "admin/row.html"
    source: ClassVar[Source]
    is_long: ClassVar[bool] = False
    links: ClassVar[Links] = ()
    window = queries.WINDOW

    @at("/<row_id>")
    def details_view(self, row_id: str) -> ResponseReturnValue:
        return self.row_page(self.get_one(row_id))

    def row_page(self, row: Any, **facts: Any) -> str:
        return self.render(
            self.details_template,
            row=row,
            columns=self._details_columns,
            value_of=self.get_detail_value,
            title=self.title_of(row),
            links=self.links_of(row),
            **facts,
        )

    def title_of(self, row: Any) -> str:
        return f"{self.source.kind.capitalize()} {row.id}"

    def links_of(self, row: Any) -> list[tuple[str, str]]:
        return [(words, self.get_url(f"{endpoint}.index_view", search=row.id)) for words, endpoint in self.links]

    def init_search(self) -> bool:
        return True

    def scaffold_list_columns(self) -> list[str]:
        # On a row's own page: all that has a name.
        return list(self.column_labels)

    def get_list(
        self,
        page: int,
        sort_field: str | None,
        sort_desc: bool,
        search: str | None,
        filters: Sequence[tuple[int, str, str]],
        page_size: int | None = None,
    ) -> tuple[None, list[queries.Row]]:
        """No count, which would read all rows; one row more than a page, which tells whether there is another."""
        wanted = queries.keys_of(self.source)
        if search:
            wanted = wanted.where(self.source.find(search))
        chosen = [(self._filters[index], value) for index, _, value in filters or ()]
        # What an index leads to first: the others look through what these leave.
        chosen.sort(key=lambda pair: not pair[0].is_quick(pair[1]))
        cut = self.looks_at_newest(filters)
        for each, value in chosen:
            if cut and not each.is_quick(value):
                wanted, cut = wanted.where(queries.newest(self.source, wanted)), False
            wanted = each.apply(wanted, each.clean(value))
        order = self._order(sort_field, sort_desc)
        return None, queries.page_of(self.source, wanted, order, offset=page * ROWS_A_PAGE, most=ROWS_A_PAGE + 1)

    def looks_at_newest(self, filters: Sequence[tuple[int, str, str]] | None) -> bool:
        """Whether only the newest rows are looked through: of a long table, by a filter that no index helps."""
        costly = (not self._filters[index].is_quick(value) for index, _, value in filters or ())
        return self.is_long and any(costly)

    def get_one(self, row_id: str) -> queries.Row:
        """Raises NotFound."""
        return queries.one_of(self.source, self.id_of(row_id))

    def id_of(self, text: str) -> uuid.UUID:
        try:
            return uuid.UUID(text)
        except ValueError:
            raise NotFound(self.source.kind) from None

    def _order(self, sort_field: str | None, descending: bool) -> Sequence[Column]:
        key = self.source.key
        if sort_field not in self._sortable_columns:
            return [key.desc()]
        column = self.source.columns[self._sortable_columns[sort_field]]
        if column is key:
            return [key.desc() if descending else key]
        return [column.desc(), key.desc()] if descending else [column, key]
