"""Turns a formula into a question: in English, in Chinese, or as the formula itself, with the spellings people use."""

import random

from formulas import tokens

STYLES = ("english", "chinese", "formula")

ENGLISH = (
    "What is {}",
    "What's {}",
    "what is {}",
    "what's {}",
    "Calculate {}",
    "calculate {}",
    "Please calculate {}",
    "How much is {}",
    "how much is {}",
    "Work out {}",
    "work out {}",
    "Please work out {}",
    "Compute {}",
    "compute {}",
    "Evaluate {}",
    "Find {}",
    "Solve {}",
    "What does {} equal",
    "What does {} make",
    "What do you get for {}",
    "Can you work out {}",
    "Can you calculate {}",
    "Tell me what {} is",
    "What is the result of {}",
    "What is the value of {}",
    "Find the value of {}",
    "Give me the result of {}",
    "{} equals",
    "{} is what",
    "{} equals what",
    "{} is",
)
CHINESE = (
    "{}等于多少",
    "{}等于几",
    "{}是多少",
    "{}是几",
    "{}得多少",
    "{}得几",
    "{}等于",
    "{}的结果是多少",
    "{}的值是多少",
    "请计算{}",
    "计算{}",
    "计算一下{}",
    "请问{}等于多少",
    "请问{}是多少",
    "算一下{}",
    "请算一下{}",
    "帮我算一下{}",
    "求{}",
    "求{}的值",
    "请算出{}",
    "算出{}的结果",
    "{}的结果",
    "{}的答案是多少",
    "{}多少",
)
FORMULA = ("{}", "{}", "{}", "{}=", "{} =", "{}=?", "{} = ?", "{}?", "{} ?")

_ENDS = {
    "english": ("?", "?", "?", "?", "", "", ".", " ?", "!", "=", " =", " = ?"),
    "chinese": ("?", "？", "？", "？", "", "", "。", "=?", "=？", " ？", "！"),
    "formula": ("",),
}
_SIGNS = {
    "+": ("+", "+", "+", "+", "＋"),
    "-": ("-", "-", "-", "−", "–", "－"),
    "*": ("*", "*", "×", "×", "x", "x", "X", "·", "＊", "✕"),
}
_WORDS = {
    "english": {"+": ("plus",), "-": ("minus",), "*": ("times", "times", "multiplied by")},
    "chinese": {"+": ("加", "加", "加上"), "-": ("减", "减", "减去"), "*": ("乘", "乘以", "乘以")},
}
_WIDE_DIGITS = str.maketrans("0123456789", "０１２３４５６７８９")
_WIDE_BRACKETS = str.maketrans("()", "（）")


def question(rng: random.Random, formula: str, style: str) -> str:
    """A question for the formula in one of `STYLES`."""
    return frame(rng, spelled(rng, formula, style), style)


def frame(rng: random.Random, expression: str, style: str) -> str:
    """The words around an expression that is already spelled."""
    templates = {"english": ENGLISH, "chinese": CHINESE, "formula": FORMULA}[style]
    text = rng.choice(templates).format(expression) + rng.choice(_ENDS[style])
    return f"{rng.choice((' ', ''))}{text}{rng.choice((' ', ''))}" if rng.random() < 0.04 else text


def spelled(rng: random.Random, formula: str, style: str) -> str:
    """The formula in the signs, words, brackets and spaces of one writer."""
    worded = style != "formula" and rng.random() < 0.5
    mixing = 0.5 if rng.random() < 0.2 else 0.0
    signs = {operator: rng.choice(spellings) for operator, spellings in _SIGNS.items()}
    gap = rng.choice(("", " ", " ")) if style != "chinese" else rng.choice(("", "", " "))
    pad = " " if rng.random() < 0.05 else ""
    parts: list[str] = []
    for token in tokens(formula):
        if token in signs:
            use_word = worded != (rng.random() < mixing) and style != "formula"
            parts.append(_word(rng, token, style, gap) if use_word else _sign(rng, token, gap, signs))
        else:
            parts.append(f"{token}{pad}" if token == "(" else f"{pad}{token}" if token == ")" else token)
    text = "".join(parts)
    wide = rng.random() < (0.4 if style == "chinese" else 0.03)
    text = text.translate(_WIDE_BRACKETS) if wide else text
    return text.translate(_WIDE_DIGITS) if rng.random() < 0.02 else text


def _sign(rng: random.Random, token: str, gap: str, signs: dict[str, str]) -> str:
    """An operator as a sign; now and then in another spelling or spacing than the rest of the question."""
    if rng.random() < 0.05:
        gap = rng.choice(("", " "))
    return f"{gap}{signs[token] if rng.random() < 0.93 else rng.choice(_SIGNS[token])}{gap}"


def _word(rng: random.Random, token: str, style: str, gap: str) -> str:
    """An operator as a word; English words always stand between spaces."""
    word = rng.choice(_WORDS[style][token])
    return f" {word} " if style == "english" else f"{gap}{word}{gap}"
