"""Which tokens stand in one column with those of the lines around them."""

from msrun.dsl.format.layout import STEP, WIDTH, Layout
from msrun.dsl.format.sheet import Sheet, columns
from msrun.dsl.format.units import Body, Unit


def align(sheet: Sheet) -> None:
    """Set the pads of a sheet: types and descriptions of fields always, settings and `=` where the author did."""
    layout = Layout(sheet)
    waiting = [(sheet.outline.units, 0)]
    while waiting:
        units, indent = waiting.pop()
        align_written(layout, units, indent)
        for unit in units:
            if unit.body and not layout.fits(layout.flat(unit.start, unit.end), indent):
                if unit.body.shape != "block":
                    align_fields(layout, unit.body)
                waiting.append((unit.body.units, indent + STEP))


def align_fields(layout: Layout, body: Body) -> None:
    """Put the types of a `type` in one column, and the descriptions of a `type` or `enum`."""
    sheet = layout.sheet
    typed = body.shape == "type"
    if typed:
        names = {unit: columns(sheet.written(unit.start)) for unit in body.units}
        widest = max(names.values(), default=0)
        sheet.pads.update({unit.start + 2: widest - name for unit, name in names.items()})
    heads = {unit.doc: layout.flat(unit.start, unit.doc) for unit in body.units if unit.doc}
    widths = {doc: columns(head) for doc, head in heads.items() if head is not None}
    widest = max(widths.values(), default=0) + (typed and len(widths) > 1)
    sheet.pads.update({doc: widest - head for doc, head in widths.items()})


def align_written(layout: Layout, units: tuple[Unit, ...], indent: int) -> None:
    """Keep one column where the author wrote one with blanks of his own."""
    group: list[Unit] = []
    for unit in units:
        if group and not follows(layout.sheet, group[-1], unit):
            align_group(layout, group, indent)
            group = []
        if alone(layout, unit, indent):
            group.append(unit)
        elif group:
            align_group(layout, group, indent)
            group = []
    if group:
        align_group(layout, group, indent)


def alone(layout: Layout, unit: Unit, indent: int) -> bool:
    """Tell whether a unit has something to align, was written on one line and fits one."""
    one_line = unit.column is not None and layout.sheet.on_one_line(unit.start, unit.end)
    return one_line and layout.fits(layout.flat(unit.start, unit.end), indent)


def follows(sheet: Sheet, before: Unit, unit: Unit) -> bool:
    """Tell whether two units stand on lines that follow each other, with their columns at one place."""
    between = sheet.notes.get(unit.start, [])
    return (
        before.kind == unit.kind
        and sheet.broken_after(before.end - 1)
        and unit.start not in sheet.blanks
        and not any(note.own_line for note in between)
        and written_column(sheet, before) == written_column(sheet, unit)
    )


def written_column(sheet: Sheet, unit: Unit) -> int:
    """Return the column where the author put what may be aligned."""
    start = sheet.tokens[unit.column or 0].start
    return columns(sheet.text[sheet.text.rfind("\n", 0, start) + 1 : start])


def align_group(layout: Layout, group: list[Unit], indent: int) -> None:
    """Align lines of which one at least was written with more blanks than its gap, unless one would not fit."""
    sheet = layout.sheet
    heads = {unit: columns(layout.flat(unit.start, unit.column or 0) or "") for unit in group}
    widest = max(heads.values())
    if not any(sheet.text.startswith("  ", sheet.tokens[unit.column or 0].start - 2) for unit in group):
        return
    pads = {unit.column or 0: widest - head for unit, head in heads.items()}
    lines = [layout.flat(unit.start, unit.end) or "" for unit in group]
    if all(indent + columns(line) + pad <= WIDTH for line, pad in zip(lines, pads.values(), strict=True)):
        sheet.pads.update(pads)
