"""Calls that other features serve as plain routes: bytes, live events, health. Only their description stands here."""

from __future__ import annotations

from typing import Any

from app.api.image_shapes import IMAGE_EXAMPLE

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_PICTURES = ("image/png", "image/jpeg", "image/webp", "video/mp4", "video/webm")
_ANYBODY: list[dict[str, list[str]]] = [{"key": []}, {"session": []}]


def _bytes(view: str, summary: str, description: str) -> dict[str, Any]:
    return {
        "get": {
            "operationId": f"images_{view}",
            "tags": ["Images"],
            "summary": summary,
            "description": description,
            "parameters": [{"in": "path", "name": "image_id", "required": True, "schema": {"type": "string"}}],
            "security": _ANYBODY,
            "responses": {
                "200": {"description": "The file", "content": dict.fromkeys(_PICTURES, _BINARY)},
                "206": {"description": "The part asked for", "content": dict.fromkeys(_PICTURES, _BINARY)},
                "304": {"description": "As it was"},
                "416": {
                    "description": "There is no such part.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
                },
            },
        }
    }


_EVENT = {
    "id": "5f0e.1763640003000-0",
    "type": "image",
    "at": "2026-11-20T12:00:03.120+00:00",
    "data": {
        "image_id": IMAGE_EXAMPLE["id"],
        "job_id": IMAGE_EXAMPLE["job_id"],
        "image_url": IMAGE_EXAMPLE["url"],
        "thumbnail_url": IMAGE_EXAMPLE["thumbnail_url"],
    },
}

_LIVE = {
    "get": {
        "operationId": "live_poll",
        "tags": ["Live"],
        "summary": "Wait for events",
        "description": (
            "Everything that happens to one's jobs, batches and pictures, from a cursor on. Without a cursor it "
            "answers at once with the present one; with one it waits for the first event, up to 25 seconds. Pass "
            "`after` of each answer to the next call and nothing is missed; an event of type `resync` means that too "
            "much was: read anew what you follow. Types: job, batch, image, chat, enhanced, notice, resync."
        ),
        "parameters": [
            {"in": "query", "name": "after", "schema": {"type": "string"}, "description": "The cursor."},
            {
                "in": "query",
                "name": "wait",
                "schema": {"type": "number", "minimum": 0, "maximum": 25},
                "description": "Most seconds to wait.",
            },
        ],
        "security": _ANYBODY,
        "responses": {
            "200": {
                "description": "Events, oldest first",
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "required": ["events", "after"],
                            "additionalProperties": False,
                            "properties": {
                                "after": {"type": "string"},
                                "events": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "required": ["id", "type", "at", "data"],
                                        "properties": {
                                            "id": {"type": "string"},
                                            "type": {"type": "string"},
                                            "at": {"type": "string", "format": "date-time"},
                                            "data": {"type": "object"},
                                        },
                                    },
                                },
                            },
                        },
                        "example": {"events": [_EVENT], "after": _EVENT["id"]},
                    }
                },
            }
        },
    }
}

_HEALTH_ANSWER = {
    "application/json": {
        "schema": {
            "type": "object",
            "required": ["status"],
            "properties": {
                "status": {"type": "string", "enum": ["ok", "degraded"]},
                "checks": {"type": "object", "description": "Each part by name; for those who run this server."},
            },
        },
        "example": {"status": "ok"},
    }
}

_HEALTH = {
    "get": {
        "operationId": "health",
        "tags": ["Health"],
        "summary": "Ask whether this server can work",
        "description": "Answered within a second, also when what it asks hangs. 503: no database, ask another server.",
        "parameters": [],
        "security": [],
        "responses": {
            "200": {"description": "It works, in part at least", "content": _HEALTH_ANSWER},
            "503": {"description": "It does not", "content": _HEALTH_ANSWER},
        },
    }
}

PATHS: dict[str, dict[str, Any]] = {
    "/api/images/{image_id}/file": _bytes(
        "file", "Download the original", "With its recipe in it, where its format can carry one."
    ),
    "/api/images/{image_id}/preview": _bytes(
        "preview", "Download a copy of at most 1280 px", "Of a video its first picture."
    ),
    "/api/images/{image_id}/thumb": _bytes(
        "thumb", "Download a copy of at most 256 px", "Of a video its first picture."
    ),
    "/api/live": _LIVE,
    "/api/health": _HEALTH,
}
TAGS = ("Live", "Health")
