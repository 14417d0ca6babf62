"""关于从多项中选择的发现：`vote`、`pick`、`rank` 比较什么，按什么加权。"""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {
    "E0218": Entry(
        "`{kind}` 只能比较数字或文本，而这是{got}",
        ("{got}",),
        "by .mark，类型里写明：type Draft { text: text  mark: float }",
    ),
    "E0218/same": Entry(
        "`by` 没有读取任何元素的内容，分不出哪个更好",
        ("所有元素都是同一个{got}",),
        "by .mark，或者一列分数：score marks for draft in drafts",
    ),
    "E0218/marks": Entry(
        "`{marks}` 是 `{other}` 各元素的分数，而 `{source}` 是另一个列表",
        ("另一个列表的分数", "在这里产生"),
        "score marks for item in {source}",
    ),
    "E0218/ballot": Entry("`vote` 统计能写成文本的值，而这是{got}", ("{got}",), "by .final"),
    "E0218/score": Entry(
        "`weight: score` 要把数字相加，而元素的 `.score` 是{got}",
        ("{got}",),
        "type Draft { final: text  score: float[0..1] }",
    ),
    "E0218/logprob": Entry(
        "`weight: logprob` 需要询问模型的节点给出的多个回答，而 `{name}` 不是",
        ("概率未知", "不是询问模型的节点"),
        "solve drafts from question samples 5",
    ),
}
