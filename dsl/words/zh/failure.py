"""关于节点的调用失败时给出什么的发现。"""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {}
