"""Settings that many kinds share: what a node does when a call goes wrong, and how a model is asked."""

from msrun.dsl.kinds.spec import (
    BOOL,
    DURATION,
    EXPR,
    FRACTION,
    MONEY,
    TEMPLATE,
    TEXT,
    SettingSpec,
    listed,
    number,
    option,
    whole,
)
from msrun.dsl.tree import ClauseWord

POLICY = (
    SettingSpec(
        name="retry",
        takes=whole(0, 20),
        default="2",
        goes="policy",
        help="further attempts after a fault of the transport",
    ),
    SettingSpec(
        name="on_error",
        takes=option("fail", "skip", "fallback"),
        default="fail",
        goes="policy",
        help="fail ends the run; skip drops the value and keeps the cell; fallback takes another value",
    ),
    SettingSpec(name="timeout", takes=DURATION, default="10min", goes="policy", help="the longest one call may take"),
    SettingSpec(name="parallel", takes=whole(), goes="policy", help="cells of a fan-out that run at the same time"),
    SettingSpec(name="budget", takes=MONEY, goes="policy", help="US dollars that all calls of the node may cost"),
)

FAILING = (
    SettingSpec(name="fallback", takes=EXPR, goes="policy", help="the value of a call that fails"),
    SettingSpec(
        name="max_skipped",
        takes=(*whole(0), *FRACTION),
        goes="policy",
        help="cells or draws that may be skipped before the node fails",
    ),
)
"""What says more about `on_error`."""

REPAIR = SettingSpec(
    name="repair",
    takes=whole(0, 5),
    default="1",
    goes="policy",
    help="calls that show the model what was wrong with its reply",
)

DECODING = (
    SettingSpec(
        name="temperature",
        takes=number(0, 2),
        goes="decoding",
        help="0 is the likeliest reply, 1 the model's own spread",
    ),
    SettingSpec(name="max_tokens", takes=whole(), goes="decoding", help="the longest reply, in tokens"),
    SettingSpec(
        name="top_p", takes=FRACTION, goes="decoding", help="draw from the likeliest tokens of this total probability"
    ),
    SettingSpec(name="top_k", takes=whole(), goes="decoding", help="draw from this many of the likeliest tokens"),
    SettingSpec(name="stop", takes=(*TEXT, *listed(*TEXT)), goes="decoding", help="texts that end the reply"),
)

ASKING = (
    SettingSpec(
        name="prompt", takes=TEMPLATE, goes="action", help="what the model is asked; {{ expr }} puts a value in"
    ),
    SettingSpec(name="system", takes=TEMPLATE, goes="action", help="the system message"),
    SettingSpec(name="images", takes=EXPR, goes="action", help="a list of images sent along"),
    REPAIR,
    *POLICY,
    *FAILING,
    *DECODING,
)

TEXTS = ("prompt", "system", "images")
"""The settings of a node that a model is shown."""

READING = (*TEXTS, "stop", "query", "on_deny", "fallback")
"""The settings of a node that read values of the plan; `stop` of a node that asks holds plain texts."""

SO_FAR = "so_far"
"""What a `search` calls the steps of the state that is expanded, where it gives them no name of its own."""

GROUPED = (
    *(setting for setting in POLICY if setting.name in ("on_error", "parallel", "budget")),
    SettingSpec(name="timeout", takes=DURATION, goes="policy", help="the longest it may take, with all that is inside"),
)
"""What a node with a graph inside is told; calls are made, and tried again, by the nodes in it."""

STREAM = SettingSpec(
    name="stream",
    takes=BOOL,
    default="true",
    goes="action",
    help="hand each item on as soon as it is complete",
)

ASK_CLAUSES: frozenset[ClauseWord] = frozenset({"from", "for", "given", "using", "when", "samples"})
SPLIT_CLAUSES: frozenset[ClauseWord] = frozenset({*ASK_CLAUSES, "limit"})
