"""Reading what people typed: the same pydantic shapes for forms and for the API, and sentences for what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from app import limits
from app.errors import Invalid
from app.texts import clean_name, clean_text

Shape = TypeVar("Shape", bound=BaseModel)


def _name(text: str) -> str:
    cleaned = clean_name(text, limits.WORKSPACE_NAME_CHARS)
    if not cleaned:
        raise ValueError("Give it a name.")
    return cleaned


def _prompt(text: str) -> str:
    return clean_text(text, limits.PROMPT_CHARS)


# A name of a workspace, theme or style: one line, visible characters, 1 to 80 of them.
Name = Annotated[str, AfterValidator(_name)]
# Running text of up to 4,000 characters.
Prompt = Annotated[str, AfterValidator(_prompt)]
# R15: 0 to 2^32-1.
Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]


class Body(BaseModel):
    """What a request may hold, and nothing else: an unknown field is refused, never bound to a row."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def read_form(shape: type[Shape], form: Mapping[str, str]) -> Shape:
    """A form's fields as `shape`; an empty field counts as not given. Raises Invalid naming each wrong field."""
    given = {name: form[name] for name in shape.model_fields if form.get(name, "") != ""}
    return read(shape, given)


def read(shape: type[Shape], values: Mapping[str, Any]) -> Shape:
    """Values as `shape`. Raises Invalid naming each wrong field."""
    try:
        return shape.model_validate(values)
    except ValidationError as error:
        fields = sentences(error)
        raise Invalid(next(iter(fields.values())), fields=fields) from None


def sentences(error: ValidationError) -> dict[str, str]:
    """One sentence for each wrong field, by its dotted name, saying what would do."""
    return {
        ".".join(str(part) for part in item["loc"]) or "body": _sentence(item["type"], item["msg"], item.get("ctx", {}))
        for item in error.errors()
    }


def _sentence(kind: str, message: str, context: Mapping[str, Any]) -> str:
    match kind:
        case "missing":
            return "This is needed."
        case "extra_forbidden":
            return "There is no such field. Leave it out."
        case "string_too_long":
            return f"Use at most {context['max_length']:,} characters."
        case "greater_than_equal":
            return f"Use a number from {context['ge']} on."
        case "less_than_equal":
            return f"Use a number up to {context['le']}."
        case "int_parsing" | "int_type" | "int_from_float":
            return "Use a whole number."
        case "float_parsing" | "float_type":
            return "Use a number."
        case "uuid_parsing" | "uuid_type":
            return "Use the id as it was given to you."
        case "enum" | "literal_error":
            return f"Use one of: {context['expected']}."
        case "too_long":
            return f"Use at most {context['max_length']} of them."
        case _:
            return message.removeprefix("Value error, ")
