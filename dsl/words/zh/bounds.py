"""运行可用资源（费用、调用次数、词元和时间）问题的中文措辞。"""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {
    "E0101/limits": Entry(
        "`limits` 限制的是运行、计划或模型，而没有 `{name}`", ("没有这个名字",), "是不是想写 `{near}`？"
    ),
    "E0101/limits/alone": Entry(
        "`limits` 限制的是运行、计划或模型，而没有 `{name}`", ("没有这个名字",), "可以限制的有：{known}"
    ),
    "E0501": Entry(
        "`{name}` 发送图像，而模型 `{model}` 不接受图像",
        ("图像", "在这里声明"),
        "换一个能看图的模型，或说明它能看图：vision: true",
    ),
    "E0502": Entry(
        "`{name}` 的回复有类型，而 `{model}` 不能按模式约束", ("需要 JSON", "在这里声明"), "schema: instruction"
    ),
    "E0503": Entry(
        "投票按对数概率加权，而 `{model}` 不提供对数概率", ("没有可用的权重", "在这里声明"), "weight: count"
    ),
    "E0503/off": Entry(
        "投票按对数概率加权，而没有向 `{model}` 索取对数概率",
        ("没有可用的权重", "在这里声明"),
        "model {model} = … { logprobs: true }",
    ),
    "E0505": Entry(
        "提示至少有 {tokens} 个词元，而 `{model}` 连同回复只能容纳 {context} 个",
        ("放不下", "在这里声明"),
        "缩短它，或换一个上下文更长的模型",
    ),
    "E0506": Entry("这里没有后端 `{name}`", ("没有安装",), "已安装的有：{known}"),
    "E0506/extra": Entry("`{name}` 需要 {packages}，这里没有安装", ("无法打开",), "{command}"),
    "E0507": Entry("`{owner}` 的环境变量 `{name}` 没有设置", ("没有设置",), "export {name}=…，或用 --offline 检查"),
    "E0508/model": Entry(
        "`{name}` 里没有模型", ("没有这个文件夹",), "含有 config.json、*.safetensors 和 tokenizer.json 的文件夹"
    ),
    "E0510": Entry("`{model}` 学的是别的标签：{labels}", ("需要 {wanted}", "在这里声明"), "用这些标签训练它"),
    "E0511": Entry("`{model}` 不接受 `{name}`", ("它的服务器拒绝",), "删除它，或换一个模型"),
    "E0512": Entry(
        "`{name}` 要求文本，而 `{model}` 是编码器，不会写文本",
        ("{kind}", "在这里声明"),
        "换一个会写文本的模型，或用 `classify`",
    ),
    "E0601": Entry("{owner} 需要 {least}，而只允许 {bound}", ("永远不够",), "调高它，或删除它"),
    "E0602": Entry(
        "`{name}` 的一次调用可用 {inner}，而 {owner} 总共只有 {outer}",
        ("比外层的时限还长", "更早结束"),
        "timeout: {outer}",
    ),
    "E0603": Entry(
        "{owner} 不出任何错也可能需要 {most} 次调用，而只允许 {bound} 次",
        ("不够全部使用",),
        "调高它，或降低 `limit` 和 `samples`",
    ),
    "E0604": Entry(
        "`{name}` 的 {attempts} 次尝试最多用 {whole}，而 {owner} 总共只有 {outer}",
        ("次数太多，时间不够", "每次最多 {inner}", "更早结束"),
        "降低 `retry`，或缩短一次调用的时限",
    ),
    "E0605": Entry(
        "这里限制费用，而没有人说明 `{name}` 的价格",
        ("无法遵守", "没有价格"),
        "model {name} = … { price_in: $0.50  price_out: $1.50 }",
    ),
}
