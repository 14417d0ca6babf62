"""名字形似、重复的 defaults、以及温度为零的采样：这些问题的中文措辞。"""

from msrun.dsl.words.entry import Entry

_SCRIPT = "`{letter}` 是 {script} 字母 {code}"

ENTRIES: dict[str, Entry] = {
    "E0113": Entry("`{name}` 混用了几种外形相同的字母", (_SCRIPT,), "只用一种字母书写：{latin}"),
    "E0113/other": Entry("`{name}` 混用了几种外形相同的字母", (_SCRIPT,), "换一个只用一种字母的名字"),
    "E0113/same": Entry(
        "`{name}` 和 `{other}` 看起来一样，却是两个名字",
        ("与第一个用的字母不同", "第一个在这里"),
        "用同一种字母书写，或改其中一个名字",
    ),
    "E0314": Entry(
        "温度为 0 时不会抽样，`{name}` 的各个样本都一样", ("多次抽样", "温度 0 写在这里"), "temperature: 0.8"
    ),
    "E0804": Entry("一个文件只有一个 `defaults`", ("再次出现", "第一次出现"), "把所有设置放进第一个里"),
}
