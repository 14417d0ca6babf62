"""The words of the shipped moderations: short lists about doing harm. They are a first sieve and no judgement.

A word list denies harmless texts (a question about preventing it) and lets harmful ones pass that avoid its words.
Where that matters, install a moderation that reads meaning and name it in the plan.
"""

from collections.abc import Sequence

_EN = (
    "kill myself", "end my life", "commit suicide", "suicide method", "suicide methods", "cut myself",
    "build a bomb", "make a bomb", "pipe bomb", "make explosives", "build explosives", "nerve agent", "make sarin",
    "make ricin", "dirty bomb", "3d printed gun", "ghost gun", "school shooting", "mass shooting",
    "cook meth", "make meth", "synthesize fentanyl", "make fentanyl",
    "child porn", "child pornography", "csam", "underage sex", "rape her", "rape him",
    "hire a hitman", "hire a killer", "murder my", "poison my",
    "stolen credit cards", "clone a credit card", "ransomware kit", "human trafficking",
    "ethnic cleansing", "gas the", "kill all",
)  # fmt: skip

_ZH = (
    "自杀方法", "怎么自杀", "如何自杀", "我想自杀", "想结束生命", "割腕", "烧炭自杀",
    "制造炸弹", "制作炸弹", "做炸弹", "土制炸弹", "制造炸药", "制作炸药", "制造沙林", "制造毒气", "蓖麻毒素",
    "自制枪支", "制造枪支", "买枪", "枪支买卖",
    "制造冰毒", "制作冰毒", "制毒", "贩毒", "买冰毒", "海洛因购买", "迷奸", "迷药购买", "听话水",
    "儿童色情", "幼女色情", "恋童", "强奸",
    "雇凶", "买凶杀人", "杀人方法", "投毒", "贩卖人口", "拐卖儿童",
    "盗刷信用卡", "复制银行卡", "洗钱渠道", "办假证", "代开发票", "裸聊", "网络赌博", "赌博网站",
    "恐怖袭击", "种族清洗",
)  # fmt: skip


def words(name: str) -> Sequence[str]:
    """Return the list of a shipped moderation; the Chinese one has the English words too."""
    return _EN if name == "en-default" else (*_ZH, *_EN)
