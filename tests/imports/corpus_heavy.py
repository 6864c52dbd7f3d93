"""Files made to be slow: as much as every single limit lets through, of content that does not pack well.

The gate may take or refuse them; the answer must come at once all the same. Deterministic.
"""

import random

from tests.imports.corpus import MAIN, OPEN_XML, RELS, Case, plain_book, repacked, sheet_of

MOST = 118_000  # elements, a little less than the gate's limit


def _words(count: int) -> list[str]:
    source = random.Random(48)
    return [str(source.randrange(10**11, 10**12)) for _ in range(count)]


def full_sheet() -> bytes:
    words = iter(_words(MOST))
    rows = "".join(
        f'<row r="{n}">' + "".join(f'<c r="{column}{n}"><v>{next(words)}</v></c>' for column in "ABCDE") + "</row>"
        for n in range(1, 7_800)
    )
    return sheet_of(rows)


def wide_sheet() -> bytes:
    words = iter(_words(MOST // 2))
    rows = "".join(f'<row r="{n}"><c r="XFD{n}"><v>{next(words)}</v></c></row>' for n in range(1, 9_000))
    return sheet_of(rows)


def inline_strings() -> bytes:
    words = iter(_words(MOST))
    rows = "".join(f'<row r="{n}">' + "".join(
        f'<c r="{c}{n}" t="inlineStr"><is><t>{next(words)}</t></is></c>' for c in "ABCDEFGHIJKLMN") + "</row>"
        for n in range(1, 1_990)
    )  # fmt: skip
    return sheet_of(rows)


def strings() -> bytes:
    items = "".join(f"<si><t>{word}</t></si>" for word in _words(MOST // 2))
    return repacked(
        plain_book(),
        replace=[
            ("xl/_rels/workbook.xml.rels", lambda old: old.replace(
                b"</Relationships>",
                f'<Relationship Id="rId99" Type="{OPEN_XML}/sharedStrings" Target="sharedStrings.xml"/>'
                "</Relationships>".encode())),
            ("[Content_Types].xml", lambda old: old.replace(
                b"</Types>",
                b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument'
                b'.spreadsheetml.sharedStrings+xml"/></Types>')),
        ],
        add=[("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{items}</sst>')],
    )  # fmt: skip


def styles() -> bytes:
    formats = "".join(f'<numFmt numFmtId="{200 + n}" formatCode="{word}"/>' for n, word in enumerate(_words(MOST // 2)))
    xfs = "".join(f'<xf numFmtId="{200 + n}"/>' for n in range(MOST // 2))
    xml = f'<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts><cellXfs>{xfs}</cellXfs></styleSheet>'
    return repacked(plain_book(), replace=[("xl/styles.xml", lambda _old: xml.encode())])


def defined_names() -> bytes:
    names = "".join(f'<definedName name="n{word}">Sheet!$A$1</definedName>' for word in _words(MOST))
    return repacked(
        plain_book(),
        replace=[
            (
                "xl/workbook.xml",
                lambda old: old.replace(b"<calcPr", f"<definedNames>{names}</definedNames><calcPr".encode()),
            )
        ],
    )


def sheets() -> bytes:
    more = "".join(f'<sheet name="s{word}" sheetId="{n + 9}" r:id="rId1"/>' for n, word in enumerate(_words(MOST)))
    return repacked(
        plain_book(),
        replace=[("xl/workbook.xml", lambda old: old.replace(
            b"</sheets>", more.replace("r:id", f'xmlns:r="{OPEN_XML}" r:id').encode() + b"</sheets>"))],
    )  # fmt: skip


def relationships() -> bytes:
    more = "".join(f'<Relationship Id="r{word}" Type="{OPEN_XML}/image" Target="{word}.png"/>' for word in _words(MOST))
    return repacked(plain_book(), add=[("xl/worksheets/_rels/sheet1.xml.rels",
                                        f'<Relationships xmlns="{RELS}">{more}</Relationships>')])  # fmt: skip


def content_types() -> bytes:
    more = "".join(f'<Override PartName="/{word}.xml" ContentType="application/xml"/>' for word in _words(MOST))
    return repacked(
        plain_book(),
        replace=[("[Content_Types].xml", lambda old: old.replace(b"</Types>", more.encode() + b"</Types>"))],
    )


def long_texts() -> bytes:
    source = random.Random(7)
    text = "".join(chr(0x4E00 + source.randrange(20_000)) for _ in range(1_200_000))
    return sheet_of(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row>')


def long_numbers() -> bytes:
    digits = "".join(_words(20_000))
    return sheet_of(f'<row r="1"><c r="A1"><v>{digits}</v></c><c r="B1"><v>1e999</v></c></row>')


def dates() -> bytes:
    return sheet_of('<row r="1"><c r="A1" t="d"><v>9999-99-99</v></c><c r="B1" t="b"><v>7</v></c></row>')


HEAVY = [
    Case("a sheet full of numbers", "xlsx", full_sheet, "*"),
    Case("cells in the last column", "xlsx", wide_sheet, "*"),
    Case("cells with their own strings", "xlsx", inline_strings, "*"),
    Case("sixty thousand shared strings", "xlsx", strings, "*"),
    Case("sixty thousand formats", "xlsx", styles, "*"),
    Case("a hundred thousand names", "xlsx", defined_names, "*"),
    Case("a hundred thousand sheets", "xlsx", sheets, "*"),
    Case("a hundred thousand relationships", "xlsx", relationships, "*"),
    Case("a hundred thousand content types", "xlsx", content_types, "*"),
    Case("one text of a million characters", "xlsx", long_texts, "*"),
    Case("a number of 240 000 digits", "xlsx", long_numbers, "*"),
    Case("impossible dates", "xlsx", dates, "*"),
]
