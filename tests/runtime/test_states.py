"""In which order a search expands its states, and which path is its answer."""

from collections.abc import Mapping, Sequence

from msrun.runtime.states import State, Strategy, Tree, order

VALUES: Mapping[str, float] = {
    "a": 0.5, "b": 0.9, "c": 0.9, "aa": 0.99, "ab": 0.1, "ba": 0.2, "bb": 0.4, "ca": 0.3, "cb": 0.4,
}  # fmt: skip


def expanded(
    strategy: Strategy, *, width: int = 2, depth: int = 2, ends: Sequence[str] = (), turns: int = 20
) -> tuple[list[list[str]], str]:
    """Return the paths that are expanded together, turn by turn, and the best one in the end."""
    tree, start = Tree(), State(0)
    states = order(strategy, start, width=width, depth=depth)
    seen: list[list[str]] = []
    while len(seen) < turns and (now := states.following()):
        seen.append(["".join(state.steps) for state in now])
        made: list[State] = []
        for state in now:
            for step in "abc" if state is start else "ab":
                name = "".join(state.steps) + step
                made.append(tree.grow(state, step, VALUES.get(name, 0.0), finished=name in ends))
        tree.give_up(states.add(made))
    best = tree.best()
    return seen, "".join(best.steps) if best else "-"


def test_a_beam_keeps_the_best_of_each_level_and_of_equal_ones_the_first() -> None:
    assert expanded("beam", width=2) == ([[""], ["b", "c"]], "bb")
    assert expanded("beam", width=1) == ([[""], ["b"]], "bb")
    assert expanded("beam", width=5) == ([[""], ["b", "c", "a"]], "aa")


def test_a_beam_ends_when_all_that_it_keeps_are_finished_and_keeps_those_that_are() -> None:
    assert expanded("beam", width=2, ends=["b", "c"]) == ([[""]], "b")
    assert expanded("beam", width=2, ends=["b"]) == ([[""], ["c"]], "b")


def test_best_first_takes_the_best_of_all_that_wait() -> None:
    assert expanded("best_first", depth=2) == ([[""], ["b"], ["c"], ["a"]], "aa")
    assert expanded("best_first", depth=2, ends=["aa"]) == ([[""], ["b"], ["c"], ["a"]], "aa")
    assert expanded("best_first", depth=3, ends=["bb"], turns=50)[0][:4] == [[""], ["b"], ["c"], ["a"]]


def test_depth_first_follows_the_best_of_the_newest_and_goes_back() -> None:
    seen, best = expanded("depth_first", depth=2)
    assert seen == [[""], ["b"], ["c"], ["a"]]
    assert best == "aa"
    assert expanded("depth_first", depth=2, ends=["cb"])[0] == [[""], ["b"], ["c"]]


def test_a_finished_path_is_better_than_any_that_is_not() -> None:
    tree, start = Tree(), State(0)
    assert tree.best() is None
    tree.grow(start, "x", 0.9, finished=False)
    assert tree.best() is not None
    done = tree.grow(start, "y", 0.1, finished=True)
    tree.give_up([done])
    assert tree.best() is done
