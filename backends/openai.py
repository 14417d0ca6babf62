"""Opens models of servers that speak OpenAI's chat completions: `openai`, and `ollama` and `vllm` where theirs listen.

A plan is data that can spend: without the operator's word, prompts and keys go only to a preset's own address or to
this machine.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from ipaddress import ip_address
from urllib.parse import urlsplit

from msrun.backends.chat import ChatServer
from msrun.backends.dialect import Dialect, schema_mode
from msrun.backends.faults import Target
from msrun.backends.options import number_option, option, secret_option, text_option, whole_option, wrong
from msrun.backends.port import BackendFault, Surroundings
from msrun.backends.price import price_of
from msrun.backends.redact import redactor
from msrun.backends.wire import Caps, Wire
from msrun.dsl.plan import ModelSpec, SecretRef, ValueMap


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """Where a kind of server listens, and what to do when it does not."""

    name: str
    base_url: str
    help: str
    first_byte_s: float = 60.0


OPENAI = Preset(
    name="openai",
    base_url="https://api.openai.com/v1",
    help="is there a network, and is base_url right?",
)
OLLAMA = Preset(
    name="ollama",
    base_url="http://127.0.0.1:11434/v1",
    help="is the server running? ollama serve",
    first_byte_s=300.0,  # it loads the model first
)
VLLM = Preset(
    name="vllm",
    base_url="http://127.0.0.1:8000/v1",
    help="is the server running? vllm serve MODEL",
    first_byte_s=300.0,
)


def open_openai(spec: ModelSpec, around: Surroundings) -> ChatServer:
    """Open `openai("id")`: by default at api.openai.com, with `base_url` at any server of its kind."""
    return open_preset(spec, around, OPENAI)


def open_ollama(spec: ModelSpec, around: Surroundings) -> ChatServer:
    """Open `ollama("id")`: by default at 127.0.0.1:11434."""
    return open_preset(spec, around, OLLAMA)


def open_vllm(spec: ModelSpec, around: Surroundings) -> ChatServer:
    """Open `vllm("id")`: by default at 127.0.0.1:8000."""
    return open_preset(spec, around, VLLM)


def open_preset(spec: ModelSpec, around: Surroundings, preset: Preset) -> ChatServer:
    """Open a model of a server. Options: `key base_url headers schema price_in price_out connections`, and in seconds
    `connect_timeout first_byte_timeout idle_timeout`; decoding settings are defaults for its calls.
    """
    base_url = _base_url(spec, around, preset)
    key = secret_option(spec, "key")
    headers = dict(_headers(spec, around))
    secrets = list(headers.values())
    if key is not None:
        value = _secret(spec, around, key)
        secrets.append(value)
        headers["Authorization"] = f"Bearer {value}"
    at_home = base_url == OPENAI.base_url
    target = Target(
        model=spec.id,
        name=spec.name,
        preset=preset.name,
        base_url=base_url,
        key=None if key is None else key.name,
        clean=redactor(secrets),
    )
    help_ = preset.help.replace("MODEL", spec.id)
    return ChatServer(
        wire=Wire(target=target, headers=headers, caps=_caps(spec, preset), help=help_, trust_env=around.trust_env),
        target=target,
        dialect=Dialect(
            mode=schema_mode(text_option(spec, "schema"), spec.name),
            max_tokens_name="max_completion_tokens" if at_home else "max_tokens",
        ),
        settings=spec.settings,
        price=price_of(spec),
    )


def _caps(spec: ModelSpec, preset: Preset) -> Caps:
    usual = Caps()
    return Caps(
        connect_s=number_option(spec, "connect_timeout") or usual.connect_s,
        first_byte_s=number_option(spec, "first_byte_timeout") or preset.first_byte_s,
        idle_s=number_option(spec, "idle_timeout") or usual.idle_s,
        connections=whole_option(spec, "connections", whole_option(spec, "parallel", usual.connections)),
    )


def _base_url(spec: ModelSpec, around: Surroundings, preset: Preset) -> str:
    given = text_option(spec, "base_url", preset.base_url).rstrip("/")
    if given == preset.base_url:
        return given
    host = _host(given)
    if host is None:
        raise BackendFault(
            "request",
            f"base_url of model `{spec.name}` must look like https://host:port/v1, without user, password or query",
        )
    if not _is_here(host) and not any(fnmatchcase(f"host:{host}", pattern.casefold()) for pattern in around.allow):
        raise BackendFault(
            "auth",
            f"model `{spec.name}` would send prompts to {host}, which nobody allowed",
            help=f"--allow host:{host}",
        )
    return given


def _host(base_url: str) -> str | None:
    try:
        url = urlsplit(base_url)
        host, _port = url.hostname, url.port
    except ValueError:
        return None
    plain = url.scheme in {"http", "https"} and "@" not in url.netloc and not url.query and not url.fragment
    return host if plain else None


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _headers(spec: ModelSpec, around: Surroundings) -> Iterator[tuple[str, str]]:
    given = option(spec, "headers")
    if given is None:
        return
    if not isinstance(given, ValueMap):
        raise wrong(spec, "headers", 'a map such as {X-Team: "a"}', given)
    for name, value in given.entries:
        text = _secret(spec, around, value) if isinstance(value, SecretRef) else value
        if not isinstance(text, str) or not _fits_header(text) or not name.replace("-", "").isalnum():
            raise BackendFault("request", f"the header `{name[:40]}` of model `{spec.name}` is no line of plain text")
        yield name, text


def _secret(spec: ModelSpec, around: Surroundings, ref: SecretRef) -> str:
    value = (around.secret(ref.name) or "").strip()
    if not value:
        raise BackendFault(
            "auth",
            f"the secret `{ref.name}` of model `{spec.name}` is not set",
            help=f"set the environment variable {ref.name}",
        )
    if not _fits_header(value):
        raise BackendFault("auth", f"the secret `{ref.name}` holds characters that no HTTP header can carry")
    return value


def _fits_header(text: str) -> bool:
    return text.isascii() and text.isprintable()
