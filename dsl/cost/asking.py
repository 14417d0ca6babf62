"""What a node takes that asks a model: the tokens of its prompt and reply, their price, and how long it is at it."""

from math import inf

from msrun.dsl.cost.catalogue import Entry
from msrun.dsl.cost.extent import ONE, Extent, between, exactly
from msrun.dsl.cost.share import Share
from msrun.dsl.cost.sizes import IMAGE, MESSAGE, schema_tokens
from msrun.dsl.cost.values import Known, Names, known, of_shape, size_of
from msrun.dsl.cost.walk import LONGEST_WAIT_S, Walk, attempts_of, bounded, limited
from msrun.dsl.plan import Ask, ModelSpec, Node
from msrun.dsl.shapes import ListOf, Shape

CORRECTION = between(1, 200)
"""Tokens that tell a model what was wrong with its reply."""


def ask(walk: Walk, node: Node, action: Ask, names: Names) -> tuple[Share, Known]:
    """Return what one call of the node takes, and what its reply gives."""
    spec = walk.models.get(action.model) or ModelSpec(name=action.model, backend="")
    entry = walk.catalogue.of(spec)
    shape = limited(node.shape, node.limit, names)
    reply = _reply(walk, shape, action, spec, entry)
    prompt = size_of(action.prompt, names) + MESSAGE + schema_tokens(node.shape, walk.types)
    if action.system is not None:
        prompt += size_of(action.system, names) + MESSAGE
    for image in action.images:
        length = known(image, names).length
        prompt += IMAGE * (length if isinstance(known(image, names).shape, ListOf) else ONE)
    if entry.context is not None:
        prompt = prompt.capped(entry.context)
    return _calls(walk, node, spec, entry, prompt, reply), of_shape(shape, walk.types, reply)


def _calls(walk: Walk, node: Node, spec: ModelSpec, entry: Entry, prompt: Extent, reply: Extent) -> Share:
    """Return what one call takes, with as many attempts as faults and replies that are not valid may make of it."""
    attempts = attempts_of(node)
    longest = prompt.high + node.policy.repair * (reply.high + CORRECTION.high)
    longest = longest if entry.context is None else min(longest, entry.context)
    prompts = Extent(prompt.low, prompt.usual, attempts * longest)
    replies = Extent(reply.low, reply.usual, attempts * reply.high)
    price = walk.catalogue.price(spec)
    if price is None:
        walk.unpriced[spec.name] = None
    usd = None if price is None else _money(prompts, price.prompt_usd) + _money(replies, price.reply_usd)
    most_s = attempts * node.policy.timeout_s + (attempts - 1) * LONGEST_WAIT_S
    usual_s = min(reply.usual / entry.speed, node.policy.timeout_s) if entry.speed else node.policy.timeout_s
    seconds = Extent(reply.low / entry.speed if entry.speed else 0, usual_s, most_s)
    return Share(calls=Extent(1, 1, attempts), prompt=prompts, reply=replies, usd=usd, seconds=seconds)


def _money(tokens: Extent, per_million_usd: float) -> Extent:
    return tokens * exactly(per_million_usd / 1e6)


def _reply(walk: Walk, shape: Shape, action: Ask, spec: ModelSpec, entry: Entry) -> Extent:
    """Return the tokens of one reply: what its type allows, and at most what the model may write."""
    said = {**dict(spec.settings), **dict(action.settings)}.get("max_tokens")
    limits = [each for each in (said, entry.output, entry.context) if isinstance(each, int)]
    most = min(limits, default=inf)
    typed = bounded(walk, of_shape(shape, walk.types)).size
    usual = most if entry.reasoning and walk.text_tokens is None else min(typed.usual, most)
    return Extent(1, max(1, usual), max(1, most))
