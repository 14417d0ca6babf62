"""关于不得外泄的内容：密钥与个人数据，以及守卫的发现。"""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {}
