"""Pages of the findings about nodes with graphs inside: arms that do not agree or are missing, loops without an end."""

from msrun.dsl.pages.page import Page

PAGES: dict[str, Page] = {
    "E0210": Page(
        title="the arms of a choice give different types",
        bad="""\
model small = ollama("qwen3:8b")

enum Topic { sport  other }

plan ask(question: text) -> text {
  classify topic: Topic from question
  choose reply on topic {
    case sport {
      score mark from question
      return mark
    }
    case other { return "no sport" }
  }
  combine answer from reply
  return answer
}
""",
        why=(
            "Whoever reads the name of a `choose` gets what one of its arms returns, and cannot know of which. So "
            "all arms give one type: the one after the name, or, where none is written, the one they agree on."
        ),
        cure="Let every arm return the same type, and write it after the name: it says what is promised.",
        good="""\
model small = ollama("qwen3:8b")

enum Topic { sport  other }

plan ask(question: text) -> text {
  classify topic: Topic from question
  choose reply: float on topic {
    case sport {
      score mark from question
      return mark
    }
    case other { return 0.0 }
  }
  combine answer from reply
  return answer
}
""",
    ),
    "E0212": Page(
        title="a choice has no arm for some values",
        bad="""\
model small = ollama("qwen3:8b")

enum Topic { sport  politics  other }

plan ask(question: text) -> text {
  classify topic: Topic from question
  choose reply: text on topic {
    case sport { return "ask the coach" }
    case politics {
      solve answer from question
      return answer
    }
  }
  return reply
}
""",
        why=(
            "Exactly one arm of a `choose` runs, whatever the value is: a choice never makes a null. With an arm for "
            "every label, a label that is added to the enum later is found missing here; `else` takes all the rest."
        ),
        cure="Add a `case` for what is missing, or an `else`. Texts, numbers and conditions always need an `else`.",
        good="""\
model small = ollama("qwen3:8b")

enum Topic { sport  politics  other }

plan ask(question: text) -> text {
  classify topic: Topic from question
  choose reply: text on topic {
    case sport { return "ask the coach" }
    case politics, other {
      solve answer from question
      return answer
    }
  }
  return reply
}
""",
    ),
    "E0306": Page(
        title="a loop lacks `until` or `next`",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve first from question
  repeat draft from first limit 3 {
    solve better from draft { prompt: "Improve this:\\n{{ draft }}" }
    next better
  }
  return draft
}
""",
        why=(
            "`repeat` makes a value better in rounds. `until` says when the value so far is good enough, and `next` "
            "what the next round goes on with; without one of them nothing ends early, or nothing changes."
        ),
        cure="Write both between the braces. Inside, the name of the `repeat` is the value so far.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve first from question
  repeat draft from first limit 3 {
    score mark from draft
    until mark >= 0.9
    solve better from draft { prompt: "Improve this:\\n{{ draft }}" }
    next better
  }
  return draft
}
""",
    ),
    "E0307": Page(
        title="`until` reads nothing of the loop",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve first from question
  score mark from first
  repeat draft from first limit 3 {
    until mark >= 0.9
    solve better from draft { prompt: "Improve this:\\n{{ draft }}" }
    next better
  }
  return draft
}
""",
        why=(
            "What stands outside of the loop is the same in every round. A condition that reads only that holds at "
            "once or never: the loop does nothing, or always all of its rounds."
        ),
        cure="Judge the value so far inside the loop, and read that after `until`.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve first from question
  repeat draft from first limit 3 {
    score mark from draft
    until mark >= 0.9
    solve better from draft { prompt: "Improve this:\\n{{ draft }}" }
    next better
  }
  return draft
}
""",
    ),
}
