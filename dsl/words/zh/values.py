"""The words that stand in slots, in Chinese: what a place holds, takes or is. Names and code stay as they are."""

import re
from collections.abc import Mapping

_NOUNS = {
    "model": "模型", "node": "节点", "plan": "计划", "tool": "工具", "fragment": "片段", "type": "类型", "enum": "枚举",
    "input": "输入", "param": "参数", "dataset": "数据集", "tokenizer": "分词器", "train stage": "训练阶段",
    "batch stage": "批量阶段",
    "evaluate stage": "评估阶段", "corpus": "语料", "field": "字段", "text": "文本", "list": "列表", "number": "数",
    "value": "值", "name": "名字", "key": "键", "label": "标签", "declaration": "声明", "whole number": "整数",
    "setting or statement": "设置或语句", "file": "文件", "import": "导入", "binder": "绑定的名字", "record": "记录",
    "knowledge": "知识库", "knowledge base": "知识库",
    "operator": "运算符", "test": "测试", "mock": "模拟", "session": "会话", "function": "函数", "item": "元素",
}  # fmt: skip

_PHRASES = {
    "this text": "这段文本",
    "this record": "这条记录",
    "the end of the file": "文件结尾",
    "no argument": "零个参数",
    "one argument": "一个参数",
    "a list of texts": "文本列表",
    "a list of values that print as text": "可输出为文本的值的列表",
    "a number or a text": "数或文本",
    "true or false": "true 或 false",
    "a plan": "计划",
    "an arm": "分支",
    "a clause such as `from` or `limit`": "`from`、`limit` 之类的子句",
}

_SHAPES = (
    (re.compile(r"an? duration such as (.+)"), r"时长，如 \1"),
    (re.compile(r"an? fraction such as (.+)"), r"比例，如 \1"),
    (re.compile(r"an? sum such as (.+)"), r"金额，如 \1"),
    (re.compile(r"a number from (\S+) to (\S+)"), r"\1 到 \2 之间的数"),
    (re.compile(r"a whole number from (\S+) to (\S+)"), r"\1 到 \2 之间的整数"),
    (re.compile(r"a whole number of at least (\S+)"), r"不小于 \1 的整数"),
    (re.compile(r"a number of at least (\S+)"), r"不小于 \1 的数"),
    (re.compile(r"(\d+) arguments"), r"\1 个参数"),
    (re.compile(r"one (\w+)"), r"单个 \1"),
    (re.compile(r"the reserved word (`\w+`)"), r"保留字 \1"),
    (re.compile(r"(`\w+`|`\w+\(…\)`) of (`\w+`)"), r"\2 的 \1"),
)
_NAME_OF = re.compile(r"the name of (.+)")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z0-9$]")
_TRANSLATED = frozenset({"what", "wanted", "got", "slot", "kind", "count", "found", "before", "expected", "owner"})
"""The slots that hold words; what stands in others is a name or code."""


def translated(values: Mapping[str, str]) -> dict[str, str]:
    """Return the values of a finding with their words in Chinese."""
    chinese = {slot: phrase(value) if slot in _TRANSLATED else value for slot, value in values.items()}
    if "what" in values:
        chinese["what"] = _NOUNS.get(values["what"], chinese["what"])
    return chinese


def phrase(words: str) -> str:
    """Return a phrase in Chinese; one that is not known, such as a type, stays as it is.

    >>> phrase("a whole number from 0 to 20")
    '0 到 20 之间的整数'
    >>> phrase("list<text>")
    'list<text>'
    """
    if words in _PHRASES:
        return _PHRASES[words]
    if name := _NAME_OF.fullmatch(words):
        return " 或 ".join(f"{phrase(each)}的名字" for each in name[1].split(" or "))
    for shape, chinese in _SHAPES:
        if shape.fullmatch(words):
            return shape.sub(chinese, words)
    noun = re.sub(r"^an? ", "", words)
    if noun != words and noun in _NOUNS:
        return _NOUNS[noun]
    return _listed(words)


def spaced(before: str, value: str, after: str) -> str:
    """Return a value with a blank where a Chinese character would touch its letters or digits.

    >>> spaced("这里是", "text", "")
    ' text'
    """
    left = " " if _CHINESE.match(before[-1:]) and _LATIN.match(value) else ""
    right = " " if _CHINESE.match(after) and _LATIN.match(value[-1:]) else ""
    return left + value + right


def _listed(words: str) -> str:
    """Translate the parts of `a name, a type or `}``."""
    parts = re.split(r", | or ", words)
    return "、".join(phrase(part) for part in parts) if len(parts) > 1 else words
