"""`knowledge`: texts of a folder that can be searched; `retrieve`: the passages nearest to a question."""

from msrun.dsl.check.names import a
from msrun.dsl.infer.builtin import PASSAGE, built_in
from msrun.dsl.infer.where import imported, wants
from msrun.dsl.kinds.common import POLICY
from msrun.dsl.kinds.spec import EXPR, TEXT, KindSpec, Maker, SettingSpec, made, number, option, whole
from msrun.dsl.lower.draft import Draft, Lowered
from msrun.dsl.lower.rewrite import rewrite
from msrun.dsl.lower.settings import read
from msrun.dsl.lower.slot import Slot
from msrun.dsl.plan import Retrieve
from msrun.dsl.shapes import TEXT as TEXT_SHAPE
from msrun.dsl.shapes import ListOf

SENTENCE = Maker(
    name="sentence",
    args=(TEXT,),
    named=(
        SettingSpec(name="query", takes=TEXT, help="what the encoder wants in front of a question"),
        SettingSpec(name="passage", takes=TEXT, help="what the encoder wants in front of a passage"),
        SettingSpec(name="pooling", takes=option("mean", "cls"), help="how tokens become one vector"),
        SettingSpec(name="revision", takes=TEXT, help="the revision of a model of the hub's cache"),
    ),
    help="vectors of a local encoder: a folder, or a model of the hub",
)

KNOWLEDGE = KindSpec(
    name="knowledge",
    family="declaration",
    at="file",
    help="texts that `retrieve` searches",
    parts=frozenset({"value"}),
    needs=("value",),
    settings=(
        SettingSpec(name="chunk", takes=whole(50, 8000), default="400", help="characters of a passage, at most"),
        SettingSpec(
            name="embed",
            takes=(*option("bm25"), *made(SENTENCE)),
            default="bm25",
            help="how passages are compared: by their words, or by the vectors of an encoder",
        ),
        SettingSpec(
            name="index", takes=option("exact", "hnsw"), default="exact", help="compare all vectors, or walk a graph"
        ),
    ),
    makers=(Maker(name="folder", args=(TEXT,), help='text files: folder("docs/*.md")'),),
    example='knowledge rules = folder("docs/*.md") { chunk: 400 }',
)

RETRIEVE = KindSpec(
    name="retrieve",
    family="reasoning",
    help="find the passages of a knowledge base that are nearest to a question",
    clauses=frozenset({"from", "for", "given", "when"}),
    needs=("from",),
    settings=(
        SettingSpec(name="query", takes=EXPR, goes="action", help="what is looked for, a text", required=True),
        SettingSpec(name="top", takes=whole(1, 1000), default="4", goes="action", help="passages, at most"),
        SettingSpec(
            name="min_score",
            takes=number(0, 1),
            default="0",
            goes="action",
            help="how near a passage must be, from 0 to 1",
        ),
        *POLICY,
    ),
    example="retrieve found from rules { query: question }",
)


def lower(draft: Draft) -> Lowered | None:
    """Search the knowledge base after `from`; the value is a list of passages, the nearest first."""
    name = _knowledge(draft)
    query = draft.settings.get("query")
    top, score = _number(draft, "top", 4), _number(draft, "min_score", 0)
    if query is None:
        draft.file.say("E0206/setting", draft.statement.kind.span, name="query", owner="retrieve")
        return None
    wants(draft.where, query.value, TEXT_SHAPE, "E0202/query", name=draft.name)
    if name is None:
        return None
    value = rewrite(query.value, draft.where.rewrites)
    action = Retrieve(knowledge=name, query=value, top=int(top), min_score=float(score))
    shape = ListOf(built_in(draft.file, PASSAGE))
    return Lowered(action, shape, shape)


def _knowledge(draft: Draft) -> str | None:
    """The knowledge base after `from`; anything else is reported."""
    clause = draft.clause("from")
    if clause is None:
        return None
    name = imported(draft.where, clause.value)
    symbol = draft.where.scope.find(name) if name else None
    if not name:
        draft.where.shape(clause.value)
        draft.file.say("E0202/knowledge", clause.value.span, name="this", what="a value")
    elif symbol is None:
        if not draft.file.absent(name, clause.value.span):
            draft.file.miss("E0101/knowledge", name, clause.value.span, draft.file.named("knowledge"))
    elif symbol.what != "knowledge":
        draft.file.used.add(name)
        draft.file.say("E0202/knowledge", clause.value.span, symbol.span, name=name, what=a(symbol.what))
    else:
        draft.file.mark(name)
        return draft.file.id(name)
    return None


def _number(draft: Draft, name: str, default: float) -> float:
    setting, spec = draft.settings.get(name), RETRIEVE.setting(name)
    if setting is None or spec is None:
        return default
    value = read(Slot(draft.file, name, "retrieve"), setting.value, spec.takes)
    return value if isinstance(value, int | float) else default
