"""语句花括号内问题的中文措辞。"""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {
    "E0001/colon": Entry("`{name}` 后面缺少 `:`", ("`{owner}` 的设置", "这里应有 `:`"), "{name}: …"),
    "E0103/block": Entry(
        "`{name}` 不能写在 `{owner}` 的花括号里，那里只能写设置", ("不能出现在这里",), "把它移到花括号外面"
    ),
}
