"""The tables that ship are those of the grammar, without conflict, and agree with lark's own parser."""

from msrun.dsl.syntax.build import ACTIONS
from msrun.dsl.syntax.grammar import TABLES, dump, make, read, tables
from msrun.dsl.syntax.tokens import RESERVED


def test_the_tables_are_fresh() -> None:
    assert read(TABLES) == dump(), "run python -m msrun.dsl.syntax.grammar"


def test_every_action_of_the_grammar_is_a_method_and_the_other_way_round() -> None:
    used = {action for _made, _size, action in tables().rules if action}
    helpers = {"place", "plain", "refuse_twice"}
    assert used == set(ACTIONS) - helpers


def test_the_reserved_words_of_lexer_and_grammar_are_the_same() -> None:
    assert {term.pattern.value for term in make().terminals if term.pattern.value.isalpha()} == RESERVED


def test_a_rule_without_action_passes_on_exactly_one_value() -> None:
    assert all(size == 1 for _made, size, action in tables().rules if not action)
