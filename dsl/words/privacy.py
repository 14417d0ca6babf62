"""Words of the findings about what must not leave: secrets and personal data, and the guards that keep them."""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {
    "E0202/guard": Entry(
        "`guard` lets texts through, this is {got}", ("{got}",), "guard safe from message { redact: [phone] }"
    ),
    "E0206/guard": Entry(
        "`{name}` guards nothing: it neither takes something out nor denies anything",
        ("lets everything through",),
        'guard {name} from message { redact: [phone, email]  deny: moderation("en-default")  on_deny: "…" }',
    ),
    "E0206/declassify": Entry(
        "`declassify` needs one value and the reason why it may leave",
        ("no reason",),
        'declassify(summary, reason: "it names nobody")',
    ),
    "E0308/value": Entry(
        "a secret is no value of a plan: it would go into journals and drawings",
        ("a secret",),
        'the settings of models take it, and arguments of tools whose parameter is a secret: key: secret("NAME")',
    ),
    "E0308/text": Entry(
        "a secret may only be given to a tool's parameter of type secret, and this takes {wanted}",
        ("a secret",),
        'tool fetch(url: text, key: secret) -> text = python("web:fetch")',
    ),
    "E0309": Entry(
        "personal data would be sent to `{target}`, which is outside",
        ("sent to {target} here", "personal data", *("goes on through here",) * 6),
        'guard safe from {name} { redact: [phone, id_card, email] }, a local model, or declassify({name}, reason: "…")',
    ),
    "E0309/run": Entry(
        "personal data is given to `{plan}`, which would send it to `{target}`, which is outside",
        ("given to {plan} here; {inside} sends it to {target}", "personal data", *("goes on through here",) * 6),
        'guard safe from {name} { redact: [phone, id_card, email] }, a local model, or declassify({name}, reason: "…")',
    ),
    "E0309/profile": Entry(
        "with the profile `{profile}` personal data would be sent to `{target}`, which is outside",
        ("sent to {target} here", "personal data", *("goes on through here",) * 6),
        'guard safe from {name} { redact: [phone, id_card, email] }, a local model, or declassify({name}, reason: "…")',
    ),
}
