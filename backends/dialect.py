"""How a request is written as the body of a chat completion, in the dialect one server was found to understand.

Request: https://platform.openai.com/docs/api-reference/chat/create; strict schemas:
https://platform.openai.com/docs/guides/structured-outputs#supported-schemas.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, cast, get_args

from msrun.backends.faults import ErrorBody
from msrun.backends.options import plain
from msrun.backends.port import BackendFault, Message, Request
from msrun.dsl.plan import Settings

SchemaMode: TypeAlias = Literal["json_schema", "json_object", "instruction", "none"]
"""Constrained by the server · JSON of any form, told in words · told in words only · not told at all."""

_DECODING = ("temperature", "top_p", "top_k", "min_p", "frequency_penalty", "presence_penalty", "stop", "max_tokens")
_OPTIONAL = ("seed", "stream_options")
_UNSUPPORTED_IN_STRICT = frozenset({"default", "title", "minLength", "maxLength", "uniqueItems", "examples"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a server understands; it gets narrower with each 400 that names something it does not."""

    mode: SchemaMode = "json_schema"
    max_tokens_name: str = "max_tokens"
    without: frozenset[str] = frozenset()

    def narrower(self, error: ErrorBody, request: Request) -> "Dialect | None":
        """Return the dialect to try after a 400 with this error, None where the error is about something else."""
        for name in _OPTIONAL:
            if name not in self.without and error.says(name):
                return replace(self, without=self.without | {name})
        if self.max_tokens_name == "max_tokens" and error.says("max_completion_tokens"):
            return replace(self, max_tokens_name="max_completion_tokens")
        about_schema = error.says("response_format", "json_schema", "json_object", "structured output", "grammar")
        if request.schema is None or not about_schema or self.mode in {"instruction", "none"}:
            return None
        return replace(self, mode="json_object" if self.mode == "json_schema" else "instruction")


def schema_mode(name: str, model: str) -> SchemaMode:
    """Read the setting `schema`; "" is the default."""
    if name in {"", "auto"}:
        return "json_schema"
    if name not in get_args(SchemaMode):
        raise BackendFault(
            "request",
            f"`schema` of model `{model}` must be one of {', '.join(get_args(SchemaMode))}, not {name[:40]!r}",
        )
    return cast("SchemaMode", name)


def body_of(request: Request, model: str, settings: Settings, dialect: Dialect) -> dict[str, Any]:
    """Write the body. `settings` are the model's own; the request's win over them."""
    chosen = {key: plain(value) for key, value in (*settings, *request.settings) if key in (*_DECODING, "logprobs")}
    body: dict[str, Any] = {
        "model": model,
        "messages": list(_messages(request, dialect)),
        "stream": True,
        "stream_options": {"include_usage": True},
        "seed": request.seed & 0x7FFFFFFF,  # what every server takes
        "logprobs": True if chosen.pop("logprobs", None) else None,
        "response_format": _response_format(request.schema, dialect),
        dialect.max_tokens_name: chosen.pop("max_tokens", None),
        **chosen,
    }
    return {key: value for key, value in body.items() if value is not None and key not in dialect.without}


def _messages(request: Request, dialect: Dialect) -> Iterator[dict[str, Any]]:
    told = ""
    if request.schema is not None and dialect.mode in {"json_object", "instruction"}:
        schema = wrapped(request.schema) if dialect.mode == "json_object" else request.schema
        told = instruction(schema)
    last = len(request.messages) - 1
    for at, message in enumerate(request.messages):
        yield {"role": message.role, "content": _content(message, told if at == last else "")}


def _content(message: Message, told: str) -> str | list[dict[str, Any]]:
    text = message.content + told
    if not message.images:
        return text
    images = [{"type": "image_url", "image_url": {"url": image}} for image in message.images]
    return [{"type": "text", "text": text}, *images]


def instruction(schema: Mapping[str, Any]) -> str:
    """Return the words that tell a model the schema of its reply; they are appended to the last message."""
    return "\n\nReply with JSON only, no other text, that meets this JSON schema:\n" + json.dumps(
        schema, ensure_ascii=False
    )


def _response_format(schema: Mapping[str, Any] | None, dialect: Dialect) -> dict[str, Any] | None:
    if schema is None or dialect.mode in {"instruction", "none"}:
        return None
    if dialect.mode == "json_object":
        return {"type": "json_object"}
    rooted = wrapped(schema)
    strict = strict_schema(rooted)
    return {
        "type": "json_schema",
        "json_schema": {"name": "reply", "strict": strict is not None, "schema": strict or rooted},
    }


def wrapped(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema whose root is an object: the schema itself, or {"value": schema} with its `$defs` moved up."""
    inner = dict(schema)
    definitions = inner.pop("$defs", None)
    if inner.get("type") == "object" and "properties" in inner:
        return dict(schema)
    outer: dict[str, Any] = {
        "type": "object",
        "properties": {"value": inner},
        "required": ["value"],
        "additionalProperties": False,
    }
    return outer if definitions is None else {**outer, "$defs": definitions}


def strict_schema(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the schema within the strict subset, None where it cannot be (maps, free JSON).

    Strict objects are closed and need every property; bounds that the subset lacks are left to the reply's check.
    """
    try:
        return cast("dict[str, Any]", _strict(schema))
    except _NotStrictError:
        return None


class _NotStrictError(Exception):
    pass


def _strict(schema: Any) -> Any:
    if not isinstance(schema, Mapping):
        return schema
    given = cast("Mapping[str, Any]", schema)
    node: dict[str, Any] = {key: value for key, value in given.items() if key not in _UNSUPPORTED_IN_STRICT}
    if not any(key in node for key in ("type", "anyOf", "$ref", "enum", "const")):
        raise _NotStrictError
    if "$ref" in node and len(node) > 1:  # a reference stands alone there
        reference = node.pop("$ref")
        node["anyOf"] = [{"$ref": reference}]
    for key in ("properties", "$defs"):
        if key in node:
            node[key] = {name: _strict(part) for name, part in node[key].items()}
    if "items" in node:
        node["items"] = _strict(node["items"])
    for key in ("anyOf", "oneOf"):
        if key in node:
            node[key] = [_strict(part) for part in cast("Sequence[Any]", node[key])]
    return _closed(node) if node.get("type") == "object" else node


def _closed(node: dict[str, Any]) -> dict[str, Any]:
    if "properties" not in node or node.get("additionalProperties", False) is not False:
        raise _NotStrictError
    return {**node, "additionalProperties": False, "required": list(node["properties"])}
