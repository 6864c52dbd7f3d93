"""Filling in a Word form as a person does: by what is seen, through python-docx."""

import docx

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def fill(document, tag: str, text: str) -> None:
    """The text of the control with this tag, line breaks as Word writes them; its hint is gone."""
    for sdt in document.element.body.iter(f"{W}sdt"):
        properties = sdt.find(f"{W}sdtPr")
        if properties.find(f"{W}tag").get(f"{W}val") != tag:
            continue
        hint = properties.find(f"{W}showingPlcHdr")
        if hint is not None:
            properties.remove(hint)
        run = docx.text.run.Run(sdt.find(f"{W}sdtContent").find(f"{W}r"), None)
        run.text = text
        return
    raise AssertionError(f"no control {tag}")


def fill_members(document, people: list[list[str]]) -> None:
    table = document.tables[0]
    head = next(number for number, row in enumerate(table._tbl.tr_lst) if "姓　名" in "".join(row.itertext()))
    for offset, person in enumerate(people, 1):
        cells = list(table._tbl.tr_lst[head + offset].iterchildren(f"{W}tc"))[2:]
        for cell, text in zip(cells, person, strict=True):
            run = next(cell.iter(f"{W}r"))
            docx.text.run.Run(run, None).text = text
            for hint in list(cell.iter(f"{W}showingPlcHdr")):
                hint.getparent().remove(hint)


def remove_controls(document) -> None:
    """What stood in content controls stays as plain text; the hidden properties go too."""
    for sdt in list(document.element.body.iter(f"{W}sdt")):
        parent, at = sdt.getparent(), sdt.getparent().index(sdt)
        for offset, child in enumerate(list(sdt.find(f"{W}sdtContent"))):
            parent.insert(at + offset, child)
        parent.remove(sdt)
    package = document.part.package
    for key, rel in list(package.rels.items()):
        if rel.reltype.endswith("custom-properties"):
            del package.rels[key]
