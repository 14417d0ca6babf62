"""Streams the rows that the arithmetic model learns from, and the held-out questions it is tested on.

A row is `{"input": prompt, "output": reply}`. Three kinds are mixed, one for each node of `examples/quickstart.plan`:
`plan: <question>` gives the steps as a JSON list (empty outside the domain; its last step asks `?` where a formula is
broken), `solve: s1=19;s1*3` gives the working and the value of one step, `answer: 12+7=19;s1*3=57;` gives the answer.
No held-out formula occurs in any row.
"""

import json
import random
from collections.abc import Iterator

from formulas import BROKEN, LIMIT, MOST_OPERATIONS, Step, apply, is_held_out, random_formula, steps
from phrasing import STYLES, question
from refusals import refusal
from working import work

REFUSAL = (
    "I can only work out whole-number questions with +, - and × and brackets, "
    "with numbers up to 999 and up to 6 operations."
)
OUT_OF_RANGE = "A number on the way leaves the range from -9999 to 9999."

Row = dict[str, str]
_OPERATION_WEIGHTS = (8, 11, 15, 18, 22, 26)


def training_rows(seed: int, rows: int) -> Iterator[Row]:
    """The mixed rows of all three nodes, the same for the same seed."""
    rng = random.Random(seed)
    for _ in range(rows):
        kind = rng.choices((_plan_row, _refusal_row, _solve_row, _answer_row), (34, 30, 33, 3))[0]
        yield kind(rng)


def direct_rows(seed: int, rows: int) -> Iterator[Row]:
    """The baseline's rows: from the question straight to the answer, one in five to be refused."""
    rng = random.Random(seed)
    for _ in range(rows):
        if rng.random() < 0.2:
            yield {"input": refusal(rng).question, "output": REFUSAL}
            continue
        formula = _training_formula(rng)
        value = steps(formula)[-1].value
        yield {
            "input": question(rng, formula, rng.choice(STYLES)),
            "output": OUT_OF_RANGE if value is None else str(value),
        }


def heldout_questions(seed: int, n: int, ops: int, *, overflow: bool = False) -> Iterator[dict[str, str | int]]:
    """Questions never trained on, in the three styles in turn; `overflow` gives those that leave the range."""
    rng = random.Random(f"held out {seed} {ops} {overflow}")
    seen: set[str] = set()
    while len(seen) < n:
        formula = random_formula(rng, ops)
        value = steps(formula)[-1].value
        if formula in seen or not is_held_out(formula) or (value is None) != overflow:
            continue
        style = STYLES[len(seen) % len(STYLES)]
        seen.add(formula)
        answer = OUT_OF_RANGE if value is None else str(value)
        yield {
            "question": question(rng, formula, style),
            "formula": formula,
            "answer": answer,
            "ops": ops,
            "style": style,
        }


def heldout_rows(seed: int, rows: int) -> Iterator[dict[str, str]]:
    """Rows like those of `training_rows`, never trained on; `kind` is plan1 to plan6, refuse, solve or answer."""
    rng = random.Random(f"held-out rows {seed}")
    kinds = [*(f"plan{ops}" for ops in range(1, MOST_OPERATIONS + 1)), "refuse", "solve", "solve", "answer"]
    for number in range(rows):
        kind = kinds[number % len(kinds)]
        if kind == "refuse":
            row = _refusal_row(rng, held_out=True)
        elif kind == "solve":
            row = _solve_row(rng, held_out=True)
        elif kind == "answer":
            row = _answer_row(rng)
        else:
            row = _plan_row(rng, next(formula for formula in _formulas(rng, int(kind[-1])) if is_held_out(formula)))
        yield {**row, "kind": kind}


def refusals(seed: int, n: int) -> Iterator[str]:
    """Questions outside the domain, in words that the training rows do not hold."""
    rng = random.Random(f"refusals {seed}")
    for _ in range(n):
        yield refusal(rng, held_out=True).question


def plan_reply(found: list[Step]) -> str:
    """The steps as the model writes them."""
    return _compact([{"left": step.left, "id": step.id, "ask": step.ask, "needs": list(step.needs)} for step in found])


def solve_reply(ask: str, operator: str, left: int | None, right: int | None) -> str:
    """The working and the value of one operation as the model writes them."""
    return _compact({"work": work(ask, operator, left, right), "value": apply(operator, left, right)})


def _plan_row(rng: random.Random, formula: str | None = None) -> Row:
    """A question and its steps."""
    formula = formula or _training_formula(rng)
    return {"input": f"plan: {question(rng, formula, rng.choice(STYLES))}", "output": plan_reply(steps(formula))}


def _refusal_row(rng: random.Random, *, held_out: bool = False) -> Row:
    """A question outside the domain: no steps, or as many as there are before the place where the formula is broken."""
    found = refusal(rng, held_out=held_out)
    return {"input": f"plan: {found.question}", "output": plan_reply(steps(found.formula)) if found.formula else "[]"}


def _solve_row(rng: random.Random, *, held_out: bool = False) -> Row:
    """One operation on numbers and earlier steps; its operands' sizes are uniform in the number of digits."""
    if rng.random() < 0.01:
        return {"input": f"solve: {BROKEN}", "output": _compact({"work": BROKEN, "value": None})}
    operator = rng.choice("+-**")
    while True:
        left, right = _operand(rng), _operand(rng)
        if operator != "*" and left is not None and rng.random() < 0.3:
            right = _near(rng, left)
        in_range = left is None or right is None or abs(left * right) <= LIMIT
        if operator == "*" and not in_range and rng.random() < 0.9:
            continue
        if is_held_out(f"{left}{operator}{right}") == held_out:
            break
    facts: list[str] = []
    ask = operator.join(_asked(rng, value, facts) for value in (left, right))
    rng.shuffle(facts)
    return {"input": f"solve: {''.join(facts)}{ask}", "output": solve_reply(ask, operator, left, right)}


def _operand(rng: random.Random) -> int | None:
    """A value of a step or a number of the question; None for a step out of range."""
    if rng.random() < 0.01:
        return None
    digits = rng.choice((1, 1, 2, 2, 3, 3, 3, 4, 4))
    value = rng.randrange(10) if digits == 1 else rng.randrange(10 ** (digits - 1), 10**digits)
    return -value if rng.random() < 0.3 else value


def _near(rng: random.Random, value: int) -> int:
    """A value of about the same size, so that comparisons go on past equal digits."""
    size = min(LIMIT, abs(abs(value) + rng.randint(-12, 12)))
    return -size if rng.random() < 0.3 else size


def _asked(rng: random.Random, value: int | None, facts: list[str]) -> str:
    """How the operation names a value: as a number, or as a step whose fact is added to `facts`."""
    if value is not None and 0 <= value <= 999 and rng.random() < 0.4:
        return str(value)
    used = [fact.split("=")[0] for fact in facts]
    step = rng.choice([name for name in (f"s{n}" for n in range(1, MOST_OPERATIONS)) if name not in used])
    facts.append(f"{step}={'?' if value is None else value};")
    return step


def _answer_row(rng: random.Random) -> Row:
    """The operations of all steps with their values, and the last value, or what to say when there is none."""
    count = rng.randint(0, MOST_OPERATIONS)
    if count == 0:
        return {"input": rng.choice(("answer:", "answer: ")), "output": REFUSAL}
    values = [_operand(rng) for _ in range(count)]
    if rng.random() < 0.1:
        values[-1] = None
    asks = [f"{_name(rng, at)}{rng.choice('+-*')}{_name(rng, at)}" for at in range(count)]
    if rng.random() < 0.15:
        asks[-1], values[-1] = BROKEN, None
    text = "".join(f"{ask}={BROKEN if value is None else value};" for ask, value in zip(asks, values, strict=True))
    reply = str(values[-1]) if values[-1] is not None else REFUSAL if asks[-1] == BROKEN else OUT_OF_RANGE
    return {"input": f"answer: {text}", "output": reply}


def _name(rng: random.Random, done: int) -> str:
    """An operand as an operation names it after `done` steps."""
    return f"s{rng.randint(1, done)}" if done and rng.random() < 0.6 else str(rng.randrange(10 ** rng.randint(1, 3)))


def _training_formula(rng: random.Random) -> str:
    """A formula that is not held out."""
    ops = rng.choices(range(1, MOST_OPERATIONS + 1), _OPERATION_WEIGHTS)[0]
    return next(formula for formula in _formulas(rng, ops) if not is_held_out(formula))


def _formulas(rng: random.Random, ops: int) -> Iterator[str]:
    """Random formulas without end."""
    while True:
        yield random_formula(rng, ops)


def _compact(value: object) -> str:
    """JSON without spaces."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
