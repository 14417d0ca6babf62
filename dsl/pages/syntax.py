"""Pages of the findings about syntax."""

from msrun.dsl.pages.page import Page

PAGES: dict[str, Page] = {
    "E0001": Page(
        title="something stands where it cannot stand",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  decompose parts from question limit 4
  solve answers for part of parts
  combine answer from answers
  return answer
}
""",
        why=(
            "A plan is read left to right: a kind, a name, clauses, and settings in braces. A word or sign that "
            "fits none of these ends the reading of the line; the rest of the file is still checked."
        ),
        cure="Write what the finding asks for. Where one sign was surely meant, `msrun check --fix` writes it.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  decompose parts from question limit 4
  solve answers for part in parts
  combine answer from answers
  return answer
}
""",
    ),
    "E0002": Page(
        title="a bracket is never closed",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text -> text {
  solve answer from question
  return answer
}
""",
        why=(
            "Every `(`, `[`, `{` and `<` needs its partner. The finding points to the bracket that was left open,"
            " not to the end of the file, because that is where the mistake is."
        ),
        cure="Close it at the second mark, or remove the opening one.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question
  return answer
}
""",
    ),
    "E0003": Page(
        title="a text is never closed",
        bad="""\
model small = ollama("qwen3:8b)
""",
        why=(
            'A text in `"` ends on its line. Without its end, everything after it would be text, so the reading '
            "goes on with the next line."
        ),
        cure='Close the text. One over several lines stands in `"""`, which begin and end on lines of their own.',
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question
  return answer
}
""",
    ),
    "E0004": Page(
        title="a word of the language is used as a name",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve limit from question
  return question
}
""",
        why=(
            "The words of the language are reserved wherever a name can stand, so that a mistake is reported on "
            "its own line. After a dot, as a key of a record and as a label of an enum they are free."
        ),
        cure="Choose another name.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve bound from question
  return bound
}
""",
    ),
    "E0005": Page(
        title="a clause stands twice",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  decompose parts from question limit 3 limit 4
  combine answer from parts
  return answer
}
""",
        why="A header has each clause at most once; with two of them one would be ignored silently.",
        cure="Remove one of the two.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  decompose parts from question limit 4
  combine answer from parts
  return answer
}
""",
    ),
    "E0006": Page(
        title="something is missing after a word",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  decompose parts from question limit
  combine answer from parts
  return answer
}
""",
        why=(
            "A clause, a key or a kind announces what comes next: `limit` a number, `from` a value, `using` a "
            "model. Here nothing comes."
        ),
        cure="Write what belongs there, or remove the word.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  decompose parts from question limit 4
  combine answer from parts
  return answer
}
""",
    ),
    "E0010": Page(
        title="a hole is not closed",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question { prompt: "Answer: {{ question }" }
  return answer
}
""",
        why=(
            "In a text only `{{ … }}` is a hole; a single brace is a brace. A hole that begins must end in the "
            "same line."
        ),
        cure="Close it with `}}`.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question { prompt: "Answer: {{ question }}" }
  return answer
}
""",
    ),
    "E0011": Page(
        title="a hole is empty",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question { prompt: "Answer: {{ question }} {{ }}" }
  return answer
}
""",
        why=(
            "A hole prints a value, and here none is named. Other template languages number empty holes; here "
            "every value has a name."
        ),
        cure="Write the name of a value in it, or remove it.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question { prompt: "Answer: {{ question }}" }
  return answer
}
""",
    ),
    "E0012": Page(
        title="a hole is not an expression",
        bad='''\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question {
    prompt: """
      Answer {{ question }} as {{"a": 1}}
      """
  }
  return answer
}
''',
        why=(
            "Doubled braces make a hole, and a hole holds one name or expression with filters. Text that was "
            "written for `str.format` doubles braces where it means single ones."
        ),
        cure="Write single braces where braces are meant: they are plain text.",
        good='''\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question {
    prompt: """
      Answer {{ question }} as {"a": 1}
      """
  }
  return answer
}
''',
    ),
    "E0013": Page(
        title="the closing quotes do not stand alone",
        bad='''\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question {
    prompt: """
      Answer {{ question }}"""
  }
  return answer
}
''',
        why=(
            'The column of the closing `"""` is the margin of the text: what stands left of it is indentation of '
            "the plan, what stands right of it belongs to the text. So it needs a line of its own, as the opening"
            " one needs the end of its line."
        ),
        cure='Put `"""` on a line of its own, below the text.',
        good='''\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question {
    prompt: """
      Answer {{ question }}
      """
  }
  return answer
}
''',
    ),
    "E0014": Page(
        title="a line stands left of the margin of its text",
        bad='''\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question {
    prompt: """
      Answer this:
    in one word: {{ question }}
      """
  }
  return answer
}
''',
        why='The closing `"""` stands where the text\'s lines begin. A line further left would lose characters.',
        cure='Indent the line, or move the closing `"""` to the left.',
        good='''\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question {
    prompt: """
      Answer this:
      in one word: {{ question }}
      """
  }
  return answer
}
''',
    ),
    "E0015": Page(
        title="an invisible character stands in the file",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question
  return answer\u200b
}
""",
        why=(
            "Characters without a picture come along with text that was copied from pages and chats. Some turn "
            "the direction of writing around, so that a line reads otherwise than it runs."
        ),
        cure="Remove the character. Where a text needs it, write it as an escape: `\\u{200B}`.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question
  return answer
}
""",
    ),
    "E0016": Page(
        title="full-width punctuation",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question { retry： 2 }
  return answer
}
""",
        why=(
            "Input methods for Chinese and Japanese write signs of their own, which look like those of a plan and"
            " are other characters. Inside of texts they are free."
        ),
        cure="Write the ASCII sign; `msrun check --fix` does it for the whole file.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question { retry: 2 }
  return answer
}
""",
    ),
    "E0017": Page(
        title="the file is not UTF-8",
        bad="""\
model größe = ollama("qwen3:8b")
""",
        why=(
            "A plan is read as UTF-8 on every machine. Bytes of another encoding cannot be guessed without "
            "changing what a text says."
        ),
        cure="Save the file as UTF-8. A byte order mark at its start is allowed.",
        good="""\
model größe = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question
  return answer
}
""",
        encoding="latin-1",
    ),
}
