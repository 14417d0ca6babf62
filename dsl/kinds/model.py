"""`model`: a name for a model at a backend, with the settings that the backend knows."""

from collections.abc import Mapping

from msrun.dsl.kinds.common import DECODING
from msrun.dsl.kinds.spec import (
    BOOL,
    DURATION,
    FRACTION,
    MONEY,
    SECRET,
    TEXT,
    KindSpec,
    Maker,
    SettingSpec,
    Takes,
    mapped,
    named,
    number,
    option,
    whole,
)

SPEC = KindSpec(
    name="model",
    family="declaration",
    at="file",
    help="name a model",
    parts=frozenset({"value"}),
    needs=("value",),
    example='model small = ollama("qwen3:8b")',
)

EVERYWHERE = (
    *DECODING,
    SettingSpec(name="timeout", takes=DURATION, help="the longest one call may take, where the node says nothing"),
    SettingSpec(name="seed", takes=whole(0), help="fixes the model's draws whatever the run's seed", later=True),
    SettingSpec(
        name="trust",
        takes=option("local", "internal", "external"),
        help="whether what is sent leaves: external models get no personal data",
    ),
)

COSTED = (
    *EVERYWHERE,
    SettingSpec(name="parallel", takes=whole(), help="calls to this model at the same time"),
    SettingSpec(name="speed", takes=number(0), help="tokens of a reply in a second, for estimates of time"),
    SettingSpec(name="price_in", takes=MONEY, help="US dollars for a million tokens of prompt"),
    SettingSpec(name="price_out", takes=MONEY, help="US dollars for a million tokens of reply"),
)

SERVED = (
    *COSTED,
    SettingSpec(name="key", takes=SECRET, help="the key of the account, by its name in the environment"),
    SettingSpec(name="base_url", takes=TEXT, help="where the server listens, up to and with /v1"),
    SettingSpec(name="headers", takes=mapped(*TEXT, *SECRET), help="further headers of every call"),
    SettingSpec(
        name="schema",
        takes=option("auto", "json_schema", "json_object", "instruction", "none"),
        default="auto",
        help="how the server is told the reply's schema",
    ),
    SettingSpec(name="min_p", takes=FRACTION, help="leave out tokens below this share of the likeliest one"),
    SettingSpec(name="frequency_penalty", takes=number(-2, 2), help="the more often a token came, the less likely"),
    SettingSpec(name="presence_penalty", takes=number(-2, 2), help="a token that came is less likely"),
    SettingSpec(name="logprobs", takes=BOOL, default="false", help="ask for log-probabilities"),
    SettingSpec(name="connections", takes=whole(), help="open connections at the same time"),
    SettingSpec(name="connect_timeout", takes=DURATION, help="the longest wait for a connection"),
    SettingSpec(name="first_byte_timeout", takes=DURATION, help="the longest wait for the first byte"),
    SettingSpec(name="idle_timeout", takes=DURATION, help="the longest wait between two bytes"),
    SettingSpec(name="context", takes=whole(), help="tokens that prompt and reply may have together, for checks"),
    SettingSpec(name="vision", takes=BOOL, help="whether it takes images, where the catalogue does not know it"),
)

LOCAL = (
    *COSTED,
    SettingSpec(name="context", takes=whole(), help="tokens that prompt and reply may have together"),
    SettingSpec(
        name="device", takes=(*option("auto", "cpu", "cuda", "mps"), *TEXT), default="auto", help="where it runs"
    ),
    SettingSpec(
        name="dtype", takes=option("auto", "float32", "bfloat16", "float16"), default="auto", help="its numbers"
    ),
    SettingSpec(
        name="schema",
        takes=option("instruction", "none"),
        default="instruction",
        help="whether the reply's schema is added to the prompt",
    ),
    SettingSpec(name="revision", takes=TEXT, help="the revision of a model of the hub's cache"),
)

PLAIN = (Takes(form="plain"),)

SCRIPTED = (
    *EVERYWHERE,
    SettingSpec(name="replies", takes=PLAIN, help="the replies as a list"),
    SettingSpec(name="delay", takes=DURATION, help="time before each reply"),
    SettingSpec(name="piece", takes=whole(), help="characters per streamed piece"),
    SettingSpec(name="piece_delay", takes=DURATION, help="time before each piece"),
    SettingSpec(name="cycle", takes=BOOL, default="false", help="begin again when the script is used up"),
)

ID = (TEXT,)

BACKENDS: Mapping[str, tuple[Maker, tuple[SettingSpec, ...]]] = {
    "openai": (Maker(name="openai", args=ID, help="any server that speaks OpenAI's protocol"), SERVED),
    "ollama": (Maker(name="ollama", args=ID, help="a local ollama"), SERVED),
    "vllm": (Maker(name="vllm", args=ID, help="a vLLM server"), SERVED),
    "transformers": (Maker(name="transformers", args=ID, help="a model directory on this machine"), LOCAL),
    "bundled": (Maker(name="bundled", args=ID, help="a model that comes with msrun"), LOCAL),
    "trained": (
        Maker(name="trained", args=(named("train"),), help="what a `train` statement made"),
        (*LOCAL, SettingSpec(name="requires", takes=named("evaluate"), help="the evaluation it must have passed")),
    ),
    "scripted": (
        Maker(name="scripted", args=(PLAIN,), optional=1, rest=True, open_named=PLAIN, help="replies from a script"),
        SCRIPTED,
    ),
}
"""The backends that come with msrun: their constructors and the settings of their models."""

ANYTHING = (*SECRET, *PLAIN, Takes(form="rule"))
"""What the settings of a backend take that msrun does not know: an installed package checks them."""
