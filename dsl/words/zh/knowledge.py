"""The words about sessions, knowledge bases and what is retrieved from them, in Chinese."""

from msrun.dsl.words.entry import Entry

_MEANT = "是不是想写 `{near}`？"
_SESSION = "session {name} { state: State  history: 8  expires: 30min }"
_KNOWLEDGE = 'knowledge {name} = folder("docs/*.md")'

ENTRIES: dict[str, Entry] = {
    "E0101/knowledge": Entry("没有名为 `{name}` 的知识库", ("这里应写一个知识库",), _MEANT),
    "E0101/knowledge/alone": Entry("没有名为 `{name}` 的知识库", ("这里应写一个知识库",), _KNOWLEDGE),
    "E0101/session": Entry("没有名为 `{name}` 的会话", ("这里应写一个会话",), _MEANT),
    "E0101/session/alone": Entry("没有名为 `{name}` 的会话", ("这里应写一个会话",), _SESSION),
    "E0105/slot": Entry("会话 `{session}` 没有槽位 `{name}`", ("没有这个槽位",), _MEANT),
    "E0105/slot/alone": Entry("会话 `{session}` 没有槽位 `{name}`", ("没有这个槽位",), "它的槽位：{known}"),
    "E0202/knowledge": Entry(
        "`retrieve` 只在知识库里查找，`{name}` 是{what}",
        ("不是知识库", "在这里定义"),
        "retrieve found from rules { query: question }",
    ),
    "E0202/query": Entry("`{name}` 按一段文本查找，这里是 {got}", ("{got}",), "query: question"),
    "E0202/session": Entry("`within` 后面是会话的名字，这里是{what}", ("不是会话", "在这里定义"), "within chat"),
    "E0202/slot": Entry("`{session}` 的槽位 `{name}` 需要 {wanted}，这里是 {got}", ("得到 {got}",)),
    "E0202/slot_type": Entry("槽位 `{name}` 后面写它的类型名", ("不是类型名",), "{name}: State"),
    "E0311": Entry(
        "`update` 把值留到下一轮，而这个计划不在任何会话里",
        ("没有什么能保存 `{name}`",),
        "plan chat(message: text) -> text within support { … }",
    ),
    "E0311/read": Entry(
        "这里读取 `session`，而这个计划不在任何会话里",
        ("哪个会话？",),
        "plan chat(message: text) -> text within {session} { … }",
    ),
    "E0311/run": Entry(
        "`{name}` 在会话里：一轮对话是单独的一次运行，不是别的计划的一部分",
        ("在另一个计划里运行", "在会话里"),
        "让两者都运行一个不在会话里的计划",
    ),
    "E0312": Entry(
        "同一轮里有两个节点更新槽位 `{name}`",
        ("这里又更新一次", "在这里更新"),
        "只更新一次，或放在同一个 `choose` 的不同分支里",
    ),
    "E0312/again": Entry("槽位 `{name}` 会在每一圈都被更新", ("在循环里",), "在循环外用循环的值更新一次"),
    "E0508/files": Entry("没有文件符合 `{name}`", ("没有可查找的内容",), 'knowledge rules = folder("docs/**/*.md")'),
    "E0508/folder": Entry("没有文件夹 `{folder}`", ("在这里找过",), "那里的文件夹：{known}"),
    "E0508/outside": Entry(
        "知识库的文本必须在计划所在的文件夹之内", ("指向别处",), 'knowledge rules = folder("docs/*.md")'
    ),
}
