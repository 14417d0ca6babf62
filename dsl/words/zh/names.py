"""名字问题的中文措辞：未定义、重复定义，以及不存在的语句、设置、字段或过滤器。"""

from msrun.dsl.words.entry import Entry

_MEANT = "是不是想写 `{near}`？"
_KNOWN = "这里可用：{known}"
_LATER = "请先去掉，或等待下一个版本"

ENTRIES: dict[str, Entry] = {
    "E0101": Entry("`{name}` 没有定义", ("这里没有这个名字",), _MEANT),
    "E0101/alone": Entry("`{name}` 没有定义", ("这里没有这个名字",), _KNOWN),
    "E0101/call": Entry("没有名为 `{name}` 的片段", ("在这里调用",), _MEANT),
    "E0101/call/alone": Entry(
        "没有名为 `{name}` 的片段", ("在这里调用",), 'fragment {name}(item: text) = "- {{ item }}"'
    ),
    "E0101/fragment": Entry("没有名为 `{name}` 的片段", ("这里应为片段",), _MEANT),
    "E0101/fragment/alone": Entry(
        "没有名为 `{name}` 的片段", ("这里应为片段",), 'fragment {name}(item: text) = "- {{ item }}"'
    ),
    "E0101/maker": Entry("`{name}` 不是这里已知的构造器", ("未知",), _MEANT),
    "E0101/maker/alone": Entry("`{name}` 不是这里已知的构造器", ("未知",), _KNOWN),
    "E0101/model": Entry("没有名为 `{name}` 的模型", ("这里应为模型",), _MEANT),
    "E0101/model/alone": Entry("没有名为 `{name}` 的模型", ("这里应为模型",), 'model {name} = ollama("qwen3:8b")'),
    "E0101/no_model": Entry(
        "`{kind}` 要调用模型，而此文件没有声明模型", ("需要一个模型",), 'model small = ollama("qwen3:8b")'
    ),
    "E0101/setting": Entry("`{name}` 没有定义", ("{slot} 应为{wanted}",), _MEANT),
    "E0101/setting/alone": Entry("`{name}` 没有定义", ("{slot} 应为{wanted}",), _KNOWN),
    "E0101/tool": Entry("没有名为 `{name}` 的工具", ("这里应为工具",), _MEANT),
    "E0101/tool/alone": Entry(
        "没有名为 `{name}` 的工具",
        ("这里应为工具",),
        'tool {name}(query: text) -> text = python("tools:{name}")',
    ),
    "E0101/which_model": Entry(
        "此文件有多个模型，却没有说明 `{name}` 用哪一个", ("需要 `using`",), "{kind} {name} using {model}"
    ),
    "E0102": Entry("`{name}` 定义了两次", ("再次定义", "第一次定义"), "把其中一个改名"),
    "E0102/built_in": Entry("`{name}` 是语言自带的类型", ("不能重新定义",), "换一个名字：my_{name}"),
    "E0103": Entry("`{name}` 不是一种语句", ("未知",), _MEANT),
    "E0103/alone": Entry("`{name}` 不是一种语句", ("未知",), _KNOWN),
    "E0103/later": Entry("此版本的 msrun 能读 `{name}`，但还不能运行", ("尚未支持",), _LATER),
    "E0103/in_profile": Entry(
        "`{name}` 不能写在 profile 中", ("不能在 profile 中",), 'profile prod { model small = openai("gpt-5-mini") }'
    ),
    "E0103/in_file": Entry(
        "`{name}` 要写在计划里面", ("在所有计划之外",), "plan ask(question: text) -> text { {name} … }"
    ),
    "E0103/in_plan": Entry("`{name}` 要写在文件顶层，不能写在计划里面", ("在计划里面",), "把它移到计划之上"),
    "E0104": Entry("`{owner}` 没有设置 `{name}`", ("未知",), _MEANT),
    "E0104/alone": Entry("`{owner}` 没有设置 `{name}`", ("未知",), "它的设置：{known}"),
    "E0104/later": Entry(
        "此版本的 msrun 还不支持 `{owner}` 的 `{name}`，而任何设置都不会被忽略", ("尚未支持",), _LATER
    ),
    "E0104/clause": Entry("`{kind}` 不接受 `{word}`", ("不能出现在这里",), "可用的有 {known}"),
    "E0104/part": Entry("`{kind}` 不接受 `{part}`", ("不能出现在这里",), "{example}"),
    "E0105": Entry("`{shape}` 没有字段 `{name}`", ("不是 `{shape}` 的字段",), _MEANT),
    "E0105/alone": Entry("`{shape}` 没有字段 `{name}`", ("不是 `{shape}` 的字段",), "它的字段：{known}"),
    "E0105/list": Entry("列表没有字段 `{name}`，它的元素可能有", ("这个值是 {got}",), "{base} | map(.{name})"),
    "E0105/none": Entry("`{got}` 没有字段，因此没有 `{name}`", ("这个值是 {got}",), "删除 `.{name}`"),
    "E0106": Entry("没有名为 `{name}` 的过滤器", ("未知",), _MEANT),
    "E0106/alone": Entry("没有名为 `{name}` 的过滤器", ("未知",), "过滤器：{known}"),
    "E0107": Entry("`{name}` 不是 {slot} 的选项", ("未知",), _MEANT),
    "E0107/alone": Entry("`{name}` 不是 {slot} 的选项", ("未知",), "可选：{known}"),
    "E0108": Entry("没有文件 `{name}`", ("此路径上没有文件",), _MEANT),
    "E0108/alone": Entry("没有文件 `{name}`", ("此路径上没有文件",), "这里的计划文件：{known}"),
    "E0108/path": Entry(
        "import 用相对路径指明计划文件，而 `{name}` 不是这样的路径",
        ("不是 .plan 文件的相对路径",),
        'import check from "lib/fact.plan"',
    ),
    "E0108/outside": Entry("`{name}` 指向了可导入的文件夹之外", ("在文件夹之外",), "把文件移到计划所在的文件夹里"),
    "E0108/unreadable": Entry("无法读取 `{name}`：{why}", ("无法读取",), "把文件本身放进计划所在的文件夹"),
    "E0109": Entry("互相导入成环的文件没有起点：{path}", ("从这里进入环",), "把两者都需要的内容移到第三个文件"),
    "E0110": Entry("`{path}` 没有可导入的 `{name}`", ("那里没有声明",), _MEANT),
    "E0110/alone": Entry("`{path}` 没有可导入的 `{name}`", ("那里没有声明",), "它声明了 {known}"),
    "E0110/kind": Entry(
        "`{path}` 的 `{name}` 是{what}，不能导入",
        ("{what}",),
        "可导入的有类型、枚举、片段、工具、模型、计划和参数",
    ),
    "E0803": Entry("profile `{profile}` 要替换{what} `{name}`，但没有它", ("未知",), _MEANT),
    "E0803/alone": Entry("profile `{profile}` 要替换{what} `{name}`，但没有它", ("未知",), "可替换的有 {known}"),
    "E0111": Entry("`.{name}` 读取当前元素，而这里没有元素", ("这里没有元素",), "在前面写上值：`answer.{name}`"),
    "E0112": Entry("`{name}` 已经是本计划中{what}的名字", ("在这个节点内遮住了它", "第一次定义"), "换一个名字"),
}
