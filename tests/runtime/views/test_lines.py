from msrun.runtime.events import Event
from msrun.runtime.views.lines import Lines
from msrun.runtime.views.progress import Progress, fold


def test_lines_of_a_run(story: list[Event]) -> None:
    progress = Progress()
    written: list[str] = []
    lines = Lines(progress, written.append)
    for event in story:
        fold(progress, event)
        lines.show(event)
    assert written == [
        "    0.50 s  parts: started",
        "    2.50 s  answers: started",
        "    4.50 s  parts: done, 2 items, 1 call, 15 tokens, 4.0 s",
        "    5.50 s  answers: connect: re␛[2Jfused; again in 0.50 s",
        "    8.00 s  answers: done, 2 cells (1 skipped), 3 calls, 15 tokens, 5.5 s",
        "    8.50 s  answers.check: skipped",
        "    9.00 s  answer: started",
        "    9.50 s  answer: failed after 0.50 s",
    ]
