"""内部带图的节点的中文措辞：`choose`、`repeat`、`search` 和被运行的计划。"""

from msrun.dsl.words.entry import Entry

_MEANT = "是不是想写 `{near}`？"
_CASE = 'choose reply: text { case urgent { return first }  else { return "later" } }'

ENTRIES: dict[str, Entry] = {
    "E0102/role": Entry("搜索 `{name}` 只有一个 `{kind}`", ("在这里又写了一次", "最先写在这里"), "删除其中一个"),
    "E0103/in_search": Entry("`{name}` 要写在 `search` 里面", ("在所有搜索之外",), "{example}"),
    "E0103/outcome": Entry("`{name}` 不能直接写在 {owner} 中", ("不能出现在这里",), "{example}"),
    "E0103/search": Entry("搜索中没有 `{name}`", ("搜索不认识它",), _MEANT),
    "E0103/search/alone": Entry(
        "搜索中没有 `{name}`", ("不能出现在这里",), "搜索中可用 {known}：前者提出步骤，后者评判"
    ),
    "E0104/bound": Entry("`limit` 限制的是会再次运行自己的计划，而 `{plan}` 不会", ("没有可限制的",), "删除它"),
    "E0202/label": Entry("这里的 `case` 应为{wanted}", ("不符合",)),
    "E0202/mark": Entry("搜索的 `score` 是一个数，这里是{got}", ("{got}",), "score value: float[0..1]"),
    "E0202/next": Entry("`{name}` 在每一轮都是{wanted}，下一个却是{got}", ("{got}", "这里写明是{wanted}")),
    "E0202/on": Entry("`on` 之后应为能用标签区分的值：枚举、文本、数、true 或 false；这里是{got}", ("{got}",), _CASE),
    "E0202/plan": Entry(
        "`run` 运行计划，而 `{name}` 是{what}", ("不是计划", "在这里定义"), "run verdict from check(claim: answer)"
    ),
    "E0202/start": Entry("`{name}` 是{wanted}，开始时却是{got}", ("{got}", "这里写明是{wanted}")),
    "E0202/step": Entry("`{name}` 的一步是{wanted}，`expand` 提出的却是{got}", ("{got}", "这里写明是{wanted}")),
    "E0206/arms": Entry("`{name}` 没有可选的分支", ("需要 `case` 和 `else`",), "{example}"),
    "E0206/expand": Entry("没有什么为 `{name}` 提出步骤", ("需要 `expand`",), "expand step samples 3"),
    "E0206/result": Entry(
        "计划 `{name}` 会运行它自己，所以必须写明返回类型",
        ("是什么类型？", "没有写类型"),
        "plan {name}(question: text) -> text { … }",
    ),
    "E0210": Entry(
        "`{name}` 的各个分支给出的类型不一致：{wanted}，而这里是{got}",
        ("{got}", "{wanted}"),
        "写明共同的类型：choose {name}: {wanted}",
    ),
    "E0210/type": Entry("`{name}` 是{wanted}，这个分支却给出{got}", ("{got}", "这里写明是{wanted}")),
    "E0212": Entry("`{name}` 没有分支处理 {absent}", ("有遗漏",), "case {labels} { return answer }"),
    "E0212/else": Entry("`{name}` 没有处理其余情况的分支", ("有遗漏",), "else { return answer }"),
    "E0302/arm": Entry("`{name}` 的这个分支没有返回值", ("没有 `return`",), "return {last}"),
    "E0303/again": Entry("{owner} 只有一个 `{word}`", ("永远到不了", "在这里已被取走"), "删除其中一个"),
    "E0303/always": Entry("这个分支永远到不了", ("永远到不了", "总是成立"), "把总是成立的分支移到最后"),
    "E0304/run": Entry("没有写明 `{plan}` 可以多少次回到自己", ("需要 `limit`",), "run {name} from {plan}(…) limit 10"),
    "E0305/plan": Entry(
        "`{name}` 是计划：要带参数运行它", ("只写了名字，没有运行", "在这里定义"), "run result from {name}(…)"
    ),
    "E0306": Entry("循环 `{name}` 没有 `{word}`", ("需要 `{word}`",), "{example}"),
    "E0307": Entry(
        "`{name}` 的一轮中没有什么能改变它：循环要么立刻结束，要么到 `limit` 才结束",
        ("没有读取循环中的任何值", "循环"),
        '读取目前的值，或一轮中的节点：until {name} != ""',
    ),
}
