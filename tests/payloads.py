"""Texts that template languages of all kinds would expand or follow; a plan prints them as they are."""

OPENERS = [
    "{{ y }}",
    "{{y}}",
    "{y}",
    "{",
    "}",
    "{{",
    "}}",
    "{{{{ y }}}}",
    "{{{y}}}",
    "{% y %}",
    "{# y #}",
    "${y}",
    "$y",
]
FORMATS = [
    "%s",
    "%(y)s",
    "%n",
    "%99999999999d",
    "{0}",
    "{}",
    "{!r}",
    "{y!r:>10}",
    "{x:>999999999}",
    "{:{}}",
    "\\{{ y }}",
]
DUNDERS = [
    "__class__",
    "__class__.__mro__[1].__subclasses__()",
    "__globals__",
    "__init__",
    "__builtins__",
    "__import__",
]
AROUND = ["{{{{ {} }}}}", "{{{{ x.{} }}}}", "{{x.{}}}", "{{x[{}]}}", "%({})s", "${{{}}}", "{{{{ x | {} }}}}"]
PAYLOADS = [
    *OPENERS,
    *FORMATS,
    *(frame.format(inside) for frame in AROUND for inside in [*DUNDERS, "y", "0", "'y'", "json", "each(line)"]),
    *(before + payload for before in ('"', '"""', "\\", "\x00", "\u202e", "\ufeff") for payload in OPENERS + FORMATS),
]
