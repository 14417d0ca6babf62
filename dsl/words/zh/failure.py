"""关于节点的调用失败、或守卫拒绝文本时给出什么的发现。"""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {
    "E0313": Entry("没有写明 `{name}` 失败时改用什么值", ("改用什么？",), "on_error: fallback  fallback: …"),
    "E0313/idle": Entry("`{name}` 有后备值，却从不使用", ("从不使用", "用的是别的做法"), "on_error: fallback"),
    "E0313/defaults": Entry("`defaults` 无法知道每个节点的后备值", ("每个节点的",), "on_error: skip"),
    "E0313/skips_none": Entry(
        "`max_skipped` 统计被跳过的数量，而 `{name}` 不跳过任何元素",
        ("没有可统计的",),
        "solve answers for part in parts { on_error: skip  max_skipped: 20% }",
    ),
    "E0313/deny": Entry(
        "没有写明 `{name}` 拒绝一段文本后用什么代替", ("然后呢？",), 'on_deny: "I cannot answer that."'
    ),
    "E0313/denies_nothing": Entry(
        "`{name}` 不拒绝任何文本，这段话从不使用", ("从不使用",), 'deny: moderation("en-default")'
    ),
    "E0313/otherwise": Entry(
        "没有写明模型没有把握时 `{name}` 取哪个标签", ("然后呢？",), "min_confidence: 0.6  otherwise: other"
    ),
    "E0313/sure": Entry("`{name}` 没有写明模型要有多大把握，这一项从不使用", ("从不使用",), "min_confidence: 0.6"),
    "E0313/draws": Entry(
        "`{name}` 为了有把握已自行多次抽取，`samples` 会把每一次再抽取一遍",
        ("也在抽取", "在这里抽取"),
        "confidence: logprob",
    ),
    "E0202/examples": Entry(
        "一个示例是写明的文本及其标签", ("不是这样的示例",), 'examples: [{text: "…", label: {label}}]'
    ),
    "E0206/file": Entry("`file` 需要一个文本的路径", ("哪一个？",), 'prompt: file("prompts/solve.md")'),
    "E0508/text": Entry("没有文本 `{name}`", ("从计划所在文件夹找起",), "把它写在那里，或改正路径"),
    "E0508/text_path": Entry(
        "文本是计划所在文件夹或其下的 .md 或 .txt 文件", ("不是这样的路径",), 'prompt: file("prompts/solve.md")'
    ),
    "E0508/text_broken": Entry("`{name}` 无法读取：{why}", ("无法读取",)),
}
