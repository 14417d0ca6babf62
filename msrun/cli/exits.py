"""Exit codes: what a script may rely on."""

OK = 0
FAILED = 1
USAGE = 2
STATIC = 3
BUDGET = 4
PERSON = 5
JOURNAL = 6
INTERRUPTED = 130
TERMINATED = 143

MEANINGS = (
    (OK, "ok"),
    (FAILED, "the run failed"),
    (USAGE, "the command was called wrongly"),
    (STATIC, "the plan has errors; nothing ran"),
    (BUDGET, "a budget was used up"),
    (PERSON, "a person has to decide"),
    (JOURNAL, "the journal cannot be used"),
    (INTERRUPTED, "interrupted"),
    (TERMINATED, "terminated"),
)

_BY_FAULT = {
    "budget": BUDGET,
    "person": PERSON,
    "unknown": PERSON,
    "journal": JOURNAL,
    "journal_full": JOURNAL,
    "cancelled": INTERRUPTED,
}


def of_fault(fault: str) -> int:
    """Return the code of a failed run by its fault's word."""
    return _BY_FAULT.get(fault, FAILED)
