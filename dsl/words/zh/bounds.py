"""运行可用资源（费用、调用次数、词元和时间）问题的中文措辞。"""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {
    "E0101/limits": Entry(
        "`limits` 限制的是运行、计划或模型，而没有 `{name}`", ("没有这个名字",), "是不是想写 `{near}`？"
    ),
    "E0101/limits/alone": Entry(
        "`limits` 限制的是运行、计划或模型，而没有 `{name}`", ("没有这个名字",), "可以限制的有：{known}"
    ),
}
