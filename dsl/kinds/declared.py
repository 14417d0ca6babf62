"""The tables of the declarations `plan`, `fragment`, `tool`, `param`, `profile` and `defaults`."""

from msrun.dsl.kinds.common import POLICY, REPAIR
from msrun.dsl.kinds.spec import BOOL, DURATION, MODEL, MONEY, TEXT, KindSpec, Maker, SettingSpec, option, whole

PLAN = KindSpec(
    name="plan",
    holds=True,
    family="declaration",
    at="file",
    help="a graph that runs; its parameters are the command line",
    parts=frozenset({"params", "result"}),
    clauses=frozenset({"within"}),
    needs=("params",),
    settings=(
        SettingSpec(name="budget", takes=MONEY, help="US dollars that a run of the plan may cost"),
        SettingSpec(name="timeout", takes=DURATION, help="the longest that a run of the plan may take"),
    ),
    example="plan ask(question: text) -> text { … }",
)

FRAGMENT = KindSpec(
    name="fragment",
    family="declaration",
    at="file",
    help="a named, typed piece of prompt text",
    parts=frozenset({"params", "value"}),
    needs=("params", "value"),
    example='fragment line(item: text) = "- {{ item }}"',
)

TOOL = KindSpec(
    name="tool",
    family="declaration",
    at="file",
    help="a Python function that a plan may call, once the operator allows it",
    parts=frozenset({"params", "result", "value"}),
    needs=("params", "result", "value"),
    settings=(
        SettingSpec(name="timeout", takes=DURATION, help="the longest one call may take"),
        SettingSpec(
            name="idempotent",
            takes=BOOL,
            default="false",
            help="calling it twice does no more than once: after a crash it may be called again",
        ),
        SettingSpec(
            name="trust",
            takes=option("local", "internal", "external"),
            help="whether what it is given leaves: external tools get no personal data",
        ),
    ),
    makers=(
        Maker(name="python", args=(TEXT,), help='a function: python("module:function")'),
        Maker(name="mcp", args=(TEXT, TEXT), help='a tool of an MCP server: mcp("server", "tool")'),
    ),
    example='tool web(query: text) -> list<text> = python("search:web")',
)

PARAM = KindSpec(
    name="param",
    family="declaration",
    at="file",
    help="a value of the file that --set changes",
    parts=frozenset({"type", "value"}),
    needs=("type",),
    settings=(SettingSpec(name="help", takes=TEXT, help="what --help says about it"),),
    example="param n: int = 8",
)

PROFILE = KindSpec(
    name="profile",
    holds=True,
    family="declaration",
    at="file",
    help="other models and params, chosen by --profile",
    example='profile prod { model small = openai("gpt-5-mini") }',
)

LIMITS = KindSpec(
    name="limits",
    family="declaration",
    at="file",
    help="what a run, a plan or the calls to a model may use up",
    settings=(
        SettingSpec(name="budget", takes=MONEY, help="US dollars"),
        SettingSpec(name="calls", takes=whole(), help="calls to models and tools, further attempts counted"),
        SettingSpec(name="tokens", takes=whole(), help="tokens of prompts and replies together"),
        SettingSpec(name="timeout", takes=DURATION, help="the longest it may take"),
    ),
    example="limits run { budget: $0.10  timeout: 60s }",
)

DEFAULTS = KindSpec(
    name="defaults",
    family="declaration",
    at="file",
    help="what every node has where it says nothing itself",
    settings=(SettingSpec(name="model", takes=MODEL, help="the model of nodes without `using`"), *POLICY, REPAIR),
    example="defaults { model: small }",
    named=False,
)
