"""文件中测试问题的中文措辞：模拟、运行和期望。"""

from msrun.dsl.words.entry import Entry

_MEANT = "是不是想写 `{near}`？"
_MODELS = "可用的模型：{known}"

ENTRIES: dict[str, Entry] = {
    "E0101/plan": Entry("没有名为 `{name}` 的计划", ("这里应为计划",), _MEANT),
    "E0101/plan/alone": Entry("没有名为 `{name}` 的计划", ("这里应为计划",), "可用的计划：{known}"),
    "E0103/in_test": Entry("`{name}` 要写在测试里面", ("在所有测试之外",), "test it { {example} }"),
    "E0103/test": Entry("测试中没有 `{name}`", ("测试不认识它",), _MEANT),
    "E0103/test/alone": Entry("测试中没有 `{name}`", ("不能出现在这里",), "测试中可用 {known} 和 `expect`"),
    "E0202/mock": Entry("模拟由 `replies` 构造", ("没有回复",), 'mock {name} = replies("a text", {a: 1})'),
    "E0202/of_node": Entry("一个节点的回复要写成列表", ("不是列表",), 'replies({name}: ["first", "second"])'),
    "E0202/run": Entry("测试要带参数运行一个计划", ("没有调用计划",), "run out from {example}"),
    "E0805": Entry("没有可代替的模型 `{name}`", ("没有这个模型",), _MEANT),
    "E0805/alone": Entry("没有可代替的模型 `{name}`", ("没有这个模型",), _MODELS),
    "E0805/asked": Entry("`{owner}` 需要模型，而没有模型 `{name}`", ("没有这个模型",), _MEANT),
    "E0805/asked/alone": Entry("`{owner}` 需要模型，而没有模型 `{name}`", ("没有这个模型",), _MODELS),
    "E0805/node": Entry("此测试的计划中没有调用 `{model}` 的节点 `{name}`", ("没有这个节点",), _MEANT),
    "E0805/node/alone": Entry(
        "此测试的计划中没有调用 `{model}` 的节点 `{name}`", ("没有这个节点",), "这样的节点：{known}"
    ),
    "E0805/other": Entry(
        "`{name}` 是{what}，而模拟代替的是模型", ("不是模型", "在这里定义"), "mock small = replies(…)"
    ),
    "E0806": Entry(
        "`{model}` 在这里至少被调用 {calls} 次，而它的模拟只有 {count}",
        ("太少", "在这里第一次调用"),
        '在末尾加一条回复：replies(…, "…")',
    ),
    "W0406": Entry("测试 `{name}` 没有任何期望，因此只有运行失败时才会失败", ("没有 `expect`",), "expect {example}"),
    "W0407": Entry("此测试的运行都没有调用 `{name}`", ("未使用的模拟",), "删除它，或在上一行写：# allow W0407: reason"),
}
