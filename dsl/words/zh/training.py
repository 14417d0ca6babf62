"""训练问题的中文措辞：数据、目标、输出头、大小、来源和门槛。"""

from msrun.dsl.words.entry import Entry

_MEANT = "是不是想写 `{near}`？"
_NO_LABEL = "{source} 第 {row} 条数据（第 {line} 行）的标签 `{name}` 不在 `{enum}` 中"
_PLACES = "{places} 个位置"

ENTRIES: dict[str, Entry] = {
    "E0101/arm": Entry("没有可替换的模型 `{name}`", ("没有这个模型",), _MEANT),
    "E0101/arm/alone": Entry("没有可替换的模型 `{name}`", ("没有这个模型",), "可用的模型：{known}"),
    "E0102/either": Entry("`{name}` 和 `{other}` 都规定训练多久", ("又一个长度", "第一个长度"), "去掉其中一个"),
    "E0104/maker": Entry("`{name}` 对 `{owner}` 没有用处", ("不属于 `{owner}`",), "它属于 {known}"),
    "E0105/figure": Entry("`{owner}` 不测量 `{name}`", ("没有测量",), _MEANT),
    "E0105/figure/alone": Entry("`{owner}` 不测量 `{name}`", ("没有测量",), "可用的指标：{known}"),
    "E0105/part": Entry("`{owner}` 没有 `{name}` 这一部分", ("没有这一部分",), _MEANT),
    "E0105/part/alone": Entry("`{owner}` 没有 `{name}` 这一部分", ("没有这一部分",), "可用的部分：{known}"),
    "E0105/unsplit": Entry(
        "`{owner}` 没有划分，所以没有 `{name}` 这一部分", ("没有这一部分", "没有划分"), "split: {train: 90%, test: 10%}"
    ),
    "E0202/heads": Entry("宽度 {hidden} 不能均分给 {heads} 个注意力头", ("不能整除 {hidden}",), "heads: 4"),
    "E0202/even": Entry(
        "宽度 {hidden} 分给 {heads} 个注意力头后每份是奇数，而旋转位置编码要成对转动", ("每份是奇数",), "heads: 4"
    ),
    "E0206/either": Entry("`{owner}` 缺少设置 `{name}` 或 `{other}`：训练多久", ("这里缺少",), "steps: 10k"),
    "E0206/part": Entry("`{name}` 已划分，但没有说明用哪一部分", ("哪一部分？", "在这里划分"), "写其中之一：{known}"),
    "E0508/data": Entry("计划所在文件夹下没有文件 `{name}`", ("不存在",), "把文件放到那里，或改正路径"),
    "E0508/broken": Entry("`{name}` 无法读取：{why}", ("无法读取",)),
    "E0701": Entry(_NO_LABEL, ("必须包含所有标签", "它的标签"), _MEANT),
    "E0701/alone": Entry(_NO_LABEL, ("必须包含所有标签", "它的标签"), "可用的标签：{known}"),
    "E0701/more": Entry("{source} 还有 {count} 个标签不在 `{enum}` 中", ("必须包含所有标签", "它的标签")),
    "E0702": Entry(
        "{source} 中没有标签为 `{name}` 的数据，所以学不到它",
        ("没有数据的标签", "它的标签"),
        "补充这种数据，或从枚举中去掉它",
    ),
    "E0703": Entry(
        "模型要在 `{enum}` 中选择，而 `{name}` 的标签属于 `{labels}`",
        ("{enum}", "{labels}"),
        "head: classify({labels})",
    ),
    "E0703/none": Entry(
        "模型要在 `{enum}` 中选择，而 `{name}` 没有说明它的标签属于该枚举",
        ("要学标签", "没有标签"),
        "labels: {enum}",
    ),
    "E0703/labels": Entry(
        "`{head}` 输出头不学标签，而数据带有 `{enum}` 的标签", ("没有标签", "{enum}"), "head: classify({enum})"
    ),
    "E0703/corpus": Entry(
        "`{head}` 输出头从一条条数据中学习，而 `{name}` 是原始文本",
        ("没有数据条目", "原始文本"),
        'dataset rows = jsonl("data/rows.jsonl")',
    ),
    "E0703/figure": Entry("`{model}` 的回答是另一种，不能测量 `{name}`", ("另一种", "它的用途"), "report: [{near}]"),
    "E0704": Entry(
        "`{name}` 需要双向阅读的模型，而 `{arch}` 从左到右阅读", ("双向阅读", "从左到右阅读"), "objective: clm()"
    ),
    "E0704/clm": Entry(
        "`clm` 会让模型看到要预测的词元：`{arch}` 双向阅读", ("从左到右阅读", "双向阅读"), "objective: mlm(mask: 15%)"
    ),
    "E0704/generate": Entry(
        "双向阅读的模型不能写文本，而 `{arch}` 双向阅读", ("写文本", "双向阅读"), "head: classify(Topic)"
    ),
    "E0704/head": Entry(
        "`{head}` 输出头有自己的目标，`{name}` 是另一个", ("另一个目标", "有自己的目标"), "去掉 `objective`"
    ),
    "E0704/roberta": Entry("`roberta` 没有回答 `nsp` 的地方", ("需要句对输出头", "没有"), "objective: mlm(mask: 15%)"),
    "E0704/rows": Entry(
        "`nsp` 学习哪一句是下一句，而 `{name}` 的每条数据是单独的文本",
        ("需要文档", "一条条数据"),
        'corpus news = files("data/*.txt") { sentences: split(".!?") }',
    ),
    "E0704/sentences": Entry(
        "`nsp` 学习哪一句是下一句，而 `{name}` 没有说明句子在哪里结束",
        ("需要句子", "没有句子"),
        'sentences: split(".!?")',
    ),
    "E0705": Entry("`{name}` 不是训练 `{base}` 时用的分词器", ("另一个分词器", "基础模型自己的"), "tokenizer: {near}"),
    "E0706": Entry(
        "`mlm` 用掩码词元遮住词元，而 `{name}` 没有这个词元",
        ("需要掩码词元", "{kind} 没有"),
        "tokenizer {name} = wordpiece(news) { vocab: 8k }",
    ),
    "E0707": Entry(
        "`{name}` 可有 {tokens} 个词元，而嵌入只有 {rows} 行", ("{rows} 行", "{tokens} 个词元"), "vocab: {tokens}"
    ),
    "E0708": Entry("长 {length} 个词元的序列放不进 `{name}`", ("{length} 个词元", _PLACES), "length: {places}"),
    "E0708/tokenizer": Entry(
        "长 {length} 个词元的序列放不进 `{name}`", ("{length} 个词元", _PLACES), "positions: {places}"
    ),
    "E0709": Entry("各部分重叠：比例之和为 {total}", ("超过全部数据",), "{example}"),
    "E0709/empty": Entry("`{name}` 这一部分没有数据", ("没有数据",), "给它大于 0% 的比例"),
    "E0709/short": Entry("有些数据不在任何部分：比例之和为 {total}", ("不足全部数据",), "{example}"),
    "E0710": Entry("{source} 没有 `{name}` 这一列", ("没有这一列",), "是不是想写 `.{near}`？"),
    "E0710/alone": Entry("{source} 没有 `{name}` 这一列", ("没有这一列",), "可用的列：{known}"),
    "E0710/role": Entry(
        "{source} 中没有叫 `{name}` 的列，而这里要从它学习",
        ("需要 `{name}`", "没有指明这一列"),
        "说明是哪一列，`{name}: .column`，可用的列：{known}",
    ),
    "E0710/row": Entry(
        "{source} 第 {row} 条数据（第 {line} 行）没有 `{name}` 这一列", ("不是每条都有",), "给那条数据加上这一列"
    ),
    "E0711": Entry("`{model}` 学过用来测量它的数据", ("在 {data} 上测量", "在这里学过 {learnt}"), "改用 {near} 测量"),
    "E0711/alone": Entry(
        "`{model}` 学过用来测量它的数据",
        ("在 {data} 上测量", "在这里学过 {learnt}"),
        "split: {train: 90%, test: 10%}",
    ),
    "E0711/source": Entry(
        "`{data}` 和 `{model}` 学过的 `{learnt}` 来自同一来源，但划分方式不同",
        ("可能有相同的数据", "在这里学过"),
        "只声明一次，再写它的各部分",
    ),
    "E0712": Entry('`{arch}` 没有矩阵 "{name}"', ("没有这个矩阵",), '是不是想写 "{near}"？'),
    "E0712/alone": Entry('`{arch}` 没有矩阵 "{name}"', ("没有这个矩阵",), "可用的矩阵：{known}"),
    "E0713": Entry("两个阶段都要写到 `{name}`", ("在这里又写一次", "在这里写"), "给每个阶段各自的文件夹"),
    "E0714": Entry(
        "训练 `{name}`（{count} 十亿个数）至少需要 {least} GiB，而这里只有 {there} GiB",
        ("这台设备放不下",),
        "把它改小，或在别处训练",
    ),
    "E0715": Entry("`{name}` 没有种子，谁也不能再得到同样的模型", ("每次抽取都不同",), "seed: 7"),
    "E0716": Entry("无论 `{gate}` 结果如何都会使用 `{name}`", ("可能没有通过", "它必须通过的"), "{example}"),
    "E0716/itself": Entry(
        "`{name}` 要问 `{model}`，而后者在等 `{name}` 通过",
        ("在等它", "要问这个模型"),
        "测量训练出的结果，而不是由它做成的模型",
    ),
    "E0716/open": Entry("`{name}` 没有要求，所以不是门槛", ("不是门槛", "没有规则"), "require: .accuracy >= 0.9"),
    "E0716/other": Entry("`{name}` 与 `{model}` 无关", ("测量的是另一个模型", "由 {model} 做成"), "写一个测量它的评估"),
}
