"""关于不得外泄的内容：密钥与个人数据，以及守卫的发现。"""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {
    "E0202/guard": Entry("`guard` 只放行文本，而这是{got}", ("{got}",), "guard safe from message { redact: [phone] }"),
    "E0206/guard": Entry(
        "`{name}` 什么也没有守住：既不去除内容，也不拒绝文本",
        ("全部放行",),
        'guard {name} from message { redact: [phone, email]  deny: moderation("en-default")  on_deny: "…" }',
    ),
    "E0206/declassify": Entry(
        "`declassify` 需要一个值，以及它可以外传的理由",
        ("没有理由",),
        'declassify(summary, reason: "it names nobody")',
    ),
    "E0308/value": Entry(
        "密钥不是计划里的值：它会进入日志和图",
        ("密钥",),
        '只有模型的设置、以及类型为 secret 的工具参数可以用它：key: secret("NAME")',
    ),
    "E0308/text": Entry(
        "密钥只能交给类型为 secret 的工具参数，而这里要的是 {wanted}",
        ("密钥",),
        'tool fetch(url: text, key: secret) -> text = python("web:fetch")',
    ),
    "E0309": Entry(
        "个人数据会被发送到外部的 `{target}`",
        ("在这里发送给 {target}", "个人数据", *("经过这里",) * 6),
        'guard safe from {name} { redact: [phone, id_card, email] }、本地模型，或 declassify({name}, reason: "…")',
    ),
    "E0309/run": Entry(
        "个人数据交给了 `{plan}`，它会发送到外部的 `{target}`",
        ("在这里交给 {plan}；{inside} 把它发送给 {target}", "个人数据", *("经过这里",) * 6),
        'guard safe from {name} { redact: [phone, id_card, email] }、本地模型，或 declassify({name}, reason: "…")',
    ),
    "E0309/profile": Entry(
        "采用配置 `{profile}` 时，个人数据会被发送到外部的 `{target}`",
        ("在这里发送给 {target}", "个人数据", *("经过这里",) * 6),
        'guard safe from {name} { redact: [phone, id_card, email] }、本地模型，或 declassify({name}, reason: "…")',
    ),
}
