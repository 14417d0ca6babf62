"""流程问题与警告的中文措辞：循环等待、返回、上限、外泄的密钥。"""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {
    "E0301": Entry("`{name}` 在等待它自己：{path}", ("这个环永远不会开始",), "让其中一个改读别的值"),
    "E0301/fragment": Entry("片段 `{name}` 由它自身组成：{path}", ("这个环永远不会结束",), "把它的文本写出来"),
    "E0302": Entry("计划 `{name}` 没有返回值", ("没有 `return`",), "return {last}"),
    "E0303": Entry("这个分支永远到不了：上面已有 `{name}`", ("永远到不了", "在这里已被取走"), "删除其中一个"),
    "E0303/else": Entry("这个分支永远到不了", ("永远到不了", "`else` 取走了其余情况"), "把 `else` 移到最后"),
    "E0303/return": Entry("计划只返回一次", ("永远到不了", "计划在这里结束"), "return [first, second]"),
    "E0304": Entry("没有写明 `{name}` 何时结束", ("需要 `limit`",), "{kind} {name} limit 10"),
    "E0305/fragment": Entry(
        "`{name}` 是片段：要么调用它，要么应用到每个元素",
        ("只写了名字，没有调用", "在这里定义"),
        "{name}(…)，或 items | each({name})",
    ),
    "E0305/tool": Entry(
        "`{name}` 是工具：要由节点调用", ("只写了名字，没有调用", "在这里定义"), "call result from {name}(…)"
    ),
    "E0308": Entry(
        "密钥会进入提示词，再由此进入日志和图",
        ("密钥",),
        '密钥只能写在模型和工具的设置里：key: secret("NAME")',
    ),
    "E0310/no_for": Entry(
        "`given` 规定扇出中元素的次序，而这个节点没有 `for`",
        ("没有可排序的元素",),
        "solve answers for step in steps given earlier as known",
    ),
    "W0401": Entry("没有任何地方读取 `{name}`", ("未使用：{kind}",), "删除它，或在上一行写：# allow W0401: reason"),
    "W0402": Entry("没有任何地方使用 `{name}`", ("未使用：{kind}",), "删除它，或在上一行写：# allow W0402: reason"),
    "W0403": Entry("没有任何地方读取输入 `{name}`", ("从未读取",), "删除它，或读取它：{{ {name} }}"),
    "W0403/fragment": Entry("片段 `{owner}` 没有用到 `{name}`", ("从未读取",), "删除它，或使用它：{{ {name} }}"),
    "W0404": Entry("`{name}` 的提示词没有用到 `from` 之后的内容", ("只是等待它", "提示词"), "{{ {source} }}"),
}
