"""类型、参数与设置值问题的中文措辞。"""

from msrun.dsl.words.entry import Entry

_MEANT = "是不是想写 `{near}`？"
_NULL = "`{got}` 可能为 null"

ENTRIES: dict[str, Entry] = {
    "E0201": Entry("没有类型 `{name}`", ("未知",), _MEANT),
    "E0201/alone": Entry("没有类型 `{name}`", ("未知",), "type {name} { text: text }"),
    "E0201/other": Entry("`{name}` 是{what}，不是类型", ("这里应为类型", "在这里定义"), "写一个类型：text"),
    "E0201/parts": Entry("`{name}` 需要写明其中元素的类型", ("什么的？",), "{name}<text>"),
    "E0201/no_parts": Entry("`{name}` 的 `<…>` 中不能再写类型", ("不接受",), "{name}"),
    "E0202": Entry("这里需要{wanted}，得到的是{got}", ("{got}",)),
    "E0202/argument": Entry("`{owner}` 的 `{name}` 应为{wanted}，得到的是{got}", ("得到{got}",)),
    "E0202/backend": Entry("模型要由后端构造", ("没有后端",), 'model small = ollama("qwen3:8b")'),
    "E0202/call": Entry(
        "`{name}` 是{what}，而表达式中只能调用片段", ("在这里调用", "在这里定义"), "{how} result from {name}(…)"
    ),
    "E0202/compare": Entry("{left} 与 {right} 永远无法比较", ("一边是 {left}，另一边是 {right}",)),
    "E0202/condition": Entry("条件只能为真或假，这里是{got}", ("{got}",), 'answer == "yes"'),
    "E0202/constant": Entry("这里需要直接写出{wanted}", ("不符合",)),
    "E0202/count": Entry("`{word}` 应为整数，这里是{got}", ("{got}",), "{word} 4"),
    "E0202/enum": Entry("`classify` 在枚举的标签中选择，这里是{got}", ("{got}",), "enum Topic { sport  other }"),
    "E0202/filter": Entry("`{filter}` 需要{wanted}", ("{got}",), "value | {example}"),
    "E0202/fragment": Entry(
        "`each` 需要片段的名字", ("不是片段", "在这里定义"), 'fragment line(item: text) = "- {{ item }}"'
    ),
    "E0202/index": Entry("{got} 不能按序号或键读取", ("{got}",)),
    "E0202/model": Entry("`using` 需要模型的名字，这里是{what}", ("不是模型", "在这里定义"), "using small"),
    "E0202/name": Entry("{slot} 应为{wanted}，而 `{name}` 是{what}", ("{what}", "在这里定义")),
    "E0202/needs": Entry(
        "`given` 需要 `earlier`，或元素中按键引用其他元素的字段",
        ("{got}；元素是 {item}",),
        "given earlier as known",
    ),
    "E0202/no_value": Entry("`{name}` 是{what}，不是值", ("这里应为值", "在这里定义")),
    "E0202/number": Entry("`{op}` 用于数，这里是{got}", ("{got}",)),
    "E0202/ref": Entry("`ref` 按键引用记录，而 `{shape}` 不是记录", ("不是记录",), "type Step { id: key }"),
    "E0202/setting": Entry("{slot} 应为{wanted}", ("不符合",)),
    "E0202/text": Entry("片段必须是文本", ("不是文本",), 'fragment {name}(item: text) = "- {{ item }}"'),
    "E0202/tool": Entry(
        "`call` 需要工具，而 `{name}` 是{what}", ("不是工具", "在这里定义"), "call result from web(query: question)"
    ),
    "E0203": Entry("`for` 需要列表，而 `{name}` 是{got}", ("{got}", "在这里定义"), "去掉 `for … in`，或用 `samples 3`"),
    "E0203/vote": Entry("`{kind}` 需要列表，而 `{name}` 是{got}", ("{got}",), "solve drafts from question samples 5"),
    "E0204": Entry("{wanted} 有的字段 {got} 没有", ("没有该类型的 {absent}", "{wanted} 需要 {absent}")),
    "E0205": Entry("这里需要{wanted}，而 " + _NULL, ("可能为 null", "这里承诺了{wanted}"), "{example}"),
    "E0205/field": Entry("读取 `.{name}`，而 " + _NULL, ("可能为 null",), "给节点加条件：when {example} != null"),
    "E0205/filter": Entry("`{filter}` 读取它，而 " + _NULL, ("可能为 null",), "{example}"),
    "E0205/hole": Entry("空位会输出它，而 " + _NULL, ("可能为 null",), "{{ {example} }}"),
    "E0206": Entry("`{owner}` 需要 {name}", ("这里缺少",)),
    "E0206/filter": Entry("`{owner}` 需要参数 `{name}`", ("这里缺少",), "value | {example}"),
    "E0206/header": Entry("`{kind}` 需要 `{needed}`", ("这里缺少",), "{example}"),
    "E0206/name": Entry("`{kind}` 需要一个名字", ("之后缺少",), "{example}"),
    "E0206/prompt": Entry(
        "`{name}` 没有给模型任何内容：没有 prompt，没有 `from`，也没有 `for`",
        ("什么也没问",),
        "{kind} {name} from question",
    ),
    "E0206/secret": Entry("密钥要用名字指明", ("没有名字",), 'secret("OPENAI_API_KEY")'),
    "E0206/setting": Entry("`{owner}` 需要设置 `{name}`", ("这里缺少",)),
    "E0207": Entry("`{owner}` 接受{count}，这个是多余的", ("多余",), "请删除"),
    "E0207/name": Entry("`{owner}` 没有参数 `{name}`", ("未知",), _MEANT),
    "E0207/name/alone": Entry("`{owner}` 没有参数 `{name}`", ("未知",), "它的参数：{known}"),
    "E0207/twice": Entry("`{owner}` 的 `{name}` 给了两次", ("在这里又给了一次",), "删除其中一个"),
    "E0208": Entry(
        "片段 `{owner}` 的 `{name}` 没有来源",
        ("元素是 {got}", "在这里定义"),
        "单元提供 item、value、index 和 status；记录提供它的各个字段",
    ),
    "E0209": Entry("计划应给出{wanted}，而这是{got}", ("{got}", "这里承诺了{wanted}")),
    "E0211": Entry("`{enum}` 没有标签 `{name}`", ("不是标签",), _MEANT),
    "E0211/alone": Entry("`{enum}` 没有标签 `{name}`", ("不是标签",), "它的标签：{known}"),
    "E0213": Entry("{low} 与 {high} 之间没有值", ("空的范围",), "[{high}..{low}]"),
    "E0213/count": Entry("`{word}` 至少为 1", ("一个也没有",), "{word} 1"),
    "E0213/nowhere": Entry("`{name}` 不能带范围", ("这里不能写范围",), "{name}"),
    "E0214": Entry(
        "`ref<{record}>` 按键引用记录，而 `{record}` 没有键",
        ("引用 {record}", "没有 key 类型的字段"),
        "type {record} { id: key }",
    ),
    "E0215": Entry("这个默认值超出了 {shape}", ("不在 {shape} 之内",)),
    "E0216": Entry("空位输出文本，而这是{got}", ("{got}",), "images: [photo]"),
    "E0217": Entry("`{name}` 会无止境地包含 `{name}`：{path}", ("包含它自身",), "把一个字段改为可选，或改为列表"),
    "E0219": Entry("{slot} 应为{wanted}", ("单位不对",), "{key}: {example}"),
}
