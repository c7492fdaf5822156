from __future__ import annotations

from app.web.api_manual import manual_of

SPEC = {
    "paths": {
        "/api/jobs/{job_id}": {
            "get": {
                "tags": ["Jobs"],
                "summary": "One job",
                "parameters": [
                    {"name": "job_id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
                ],
                "responses": {
                    "200": {
                        "description": "Found",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Job"}}},
                    },
                    "404": {"description": "Not found"},
                },
            }
        },
        "/api/jobs": {
            "post": {
                "summary": "Make one",
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Wish"}}}},
                "responses": {"202": {"description": "Taken"}},
            }
        },
    },
    "components": {
        "schemas": {
            "Job": {
                "type": "object",
                "properties": {
                    "id": {"type": "string"},
                    "parent": {"anyOf": [{"$ref": "#/components/schemas/Job"}, {"type": "null"}]},
                    "state": {"enum": ["waiting", "running"]},
                },
            },
            "Wish": {
                "type": "object",
                "required": ["prompt"],
                "properties": {
                    "prompt": {"type": "string", "maxLength": 4000, "description": "What to paint."},
                    "sizes": {"type": "array", "items": {"$ref": "#/components/schemas/Size"}},
                    "count": {"type": "integer", "minimum": 1, "maximum": 4, "default": 1},
                },
            },
            "Size": {"type": "object", "properties": {"width_px": {"type": "integer"}}},
        }
    },
}


def test_calls_stand_under_their_tag_in_the_order_of_the_description() -> None:
    manual = manual_of(SPEC)
    assert [(chapter.title, [(call.method, call.path) for call in chapter.operations]) for chapter in manual] == [
        ("Jobs", [("GET", "/api/jobs/{job_id}")]),
        ("Other", [("POST", "/api/jobs")]),
    ]


def test_a_body_is_told_field_by_field_with_its_bounds() -> None:
    fields = {field.name: field for field in manual_of(SPEC)[1].operations[0].inputs}
    assert set(fields) == {"prompt", "sizes", "sizes[].width_px", "count"}
    assert (fields["prompt"].required, fields["count"].required) == (True, False)
    assert fields["prompt"].note == "What to paint; at most 4000 characters"
    assert fields["count"].note == "at least 1; at most 4; default 1"
    assert fields["sizes"].kind == "list of object"


def test_a_description_that_refers_to_itself_ends() -> None:
    call = manual_of(SPEC)[0].operations[0]
    names = [field.name for field in call.outputs]
    assert names[:3] == ["id", "parent", "parent.id"]
    assert len(names) < 40
    assert call.answers == (("200", "Found"), ("404", "Not found"))
    assert next(field.kind for field in call.outputs if field.name == "state") == '"waiting" | "running"'


def test_an_example_can_be_pasted() -> None:
    example = manual_of(SPEC)[1].operations[0].example
    assert example.startswith("curl -X POST $DARKROOM/api/jobs")
    assert '-H "Content-Type: application/json"' in example


def test_an_empty_description_is_an_empty_manual() -> None:
    assert manual_of({}) == ()
