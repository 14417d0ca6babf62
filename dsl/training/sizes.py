"""Numbers that must fit into each other: vocabulary and embedding (E0707), sequence and positions (E0708), heads and
width (E0202), the least memory of training and the device (E0714).
"""

from collections.abc import Mapping

from msrun.dsl.kinds.train import SIZES
from msrun.dsl.plan import Made, Name, Value
from msrun.dsl.training.scene import Scene, Staged

BYTES_A_WEIGHT = {"adamw": 16, "muon": 12}
"""Weight, gradient and the optimizer's averages in float32: what a trained number takes at the least."""

GIB = 1024**3
DEFAULTS: Mapping[str, int] = {size.name: int(size.default) for size in SIZES if size.default}


def check(scene: Scene) -> None:
    """Report sizes that cannot be."""
    for train in scene.of("train"):
        _check_length(scene, train)
        if train.made.name == "pretrain" and isinstance(train.made.args[0], Made):
            architecture = train.made.args[0]
            _check_heads(scene, train, architecture)
            _check_vocabulary(scene, train, architecture)
            _check_tokenizer(scene, train, architecture)
            _check_memory(scene, train, architecture)


def size(architecture: Made, name: str) -> int:
    """Return one of the sizes of an architecture; 0 where neither the plan nor the language says it."""
    value = architecture.get(name)
    return value if isinstance(value, int) else DEFAULTS.get(name, 0)


def weights(architecture: Made, vocab: int) -> int:
    """Return how many numbers a model has at the least: vectors, and an output matrix of its own, are left out."""
    hidden, layers = size(architecture, "hidden"), size(architecture, "layers")
    llama = architecture.name == "llama"
    inner = size(architecture, "inner") or (hidden * 8 // 3 if llama else 4 * hidden)
    tables = vocab + (0 if llama else size(architecture, "positions"))
    return hidden * (tables + layers * (4 * hidden + (3 if llama else 2) * inner))


def _check_heads(scene: Scene, train: Staged, architecture: Made) -> None:
    hidden, heads = size(architecture, "hidden"), size(architecture, "heads")
    even = architecture.name == "llama" and hidden // heads % 2
    if hidden % heads or even:
        entry = "E0202/even" if even and not hidden % heads else "E0202/heads"
        scene.file.say(entry, train.argument(0, "heads"), hidden=str(hidden), heads=str(heads))


def _check_vocabulary(scene: Scene, train: Staged, architecture: Made) -> None:
    tokenizer, rows = scene.stage(train.setting("tokenizer"), "tokenizer"), architecture.get("vocab")
    tokens = tokenizer.setting("vocab") if tokenizer is not None else None
    if tokenizer is not None and isinstance(rows, int) and isinstance(tokens, int) and tokens > rows:
        span, at = train.argument(0, "vocab"), tokenizer.span("vocab")
        scene.file.say("E0707", span, at, name=tokenizer.name, tokens=str(tokens), rows=str(rows))


def _check_tokenizer(scene: Scene, train: Staged, architecture: Made) -> None:
    tokenizer, places = scene.stage(train.setting("tokenizer"), "tokenizer"), size(architecture, "positions")
    longest = tokenizer.setting("positions") if tokenizer is not None else None
    if tokenizer is not None and isinstance(longest, int) and longest > places:
        span, at = tokenizer.span("positions"), train.argument(0, "positions")
        scene.file.say(
            "E0708/tokenizer", span, at, fix=str(places), name=train.name, length=str(longest), places=str(places)
        )


def _check_length(scene: Scene, train: Staged) -> None:
    length, architecture, origin = train.setting("length"), scene.architecture(train), scene.origin(train)
    if not isinstance(length, int) or architecture is None or origin is None:
        return
    places = size(architecture, "positions")
    if length > places:
        span, at = train.span("length"), origin.argument(0, "positions")
        scene.file.say("E0708", span, at, fix=str(places), name=origin.name, length=str(length), places=str(places))


def _check_memory(scene: Scene, train: Staged, architecture: Made) -> None:
    there = scene.facts.memory_bytes()
    tokenizer = scene.stage(train.setting("tokenizer"), "tokenizer")
    vocab = size(architecture, "vocab") or _whole(tokenizer.setting("vocab") if tokenizer is not None else None)
    count = weights(architecture, vocab)
    optimizer = train.setting("optimizer")
    least = count * BYTES_A_WEIGHT[optimizer.path if isinstance(optimizer, Name) else "adamw"]
    if there is not None and least > there:
        scene.file.say(
            "E0714",
            train.argument(0),
            name=train.name,
            count=f"{count / 1e9:.3g}",
            least=f"{least / GIB:.1f}",
            there=f"{there / GIB:.1f}",
        )


def _whole(value: Value) -> int:
    return value if isinstance(value, int) else 0
