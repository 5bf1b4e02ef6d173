"""All methods of str and bytes, against Python."""

import pytest
from program_run import load, seen

import shoal

# Every method of str and bytes in Python 3.11 and what it is called with.
METHODS = {
    "capitalize": [()], "casefold": [()], "center": [(9,), (8, "*")], "count": [("a",), ("a", 1), ("a", 1, 3)],
    "decode": [(), ("ascii",), ("latin-1", "replace")], "encode": [(), ("utf-8",), ("latin-1", "replace")],
    "endswith": [("a",), (("a", "b"),), ("a", 1, 2)], "expandtabs": [(), (3,)], "find": [("b",), ("b", 1), ("b", 1, 2)],
    "format": [()], "format_map": [({},)], "fromhex": [], "hex": [(), (":",), (":", 2), ("-", -3)], "index": [("b",)],
    "isalnum": [()], "isalpha": [()], "isascii": [()], "isdecimal": [()], "isdigit": [()], "isidentifier": [()],
    "islower": [()], "isnumeric": [()], "isprintable": [()], "isspace": [()], "istitle": [()], "isupper": [()],
    "join": [(["a", "b"],)], "ljust": [(9,), (9, "-")], "lower": [()], "lstrip": [(), ("ab",)], "maketrans": [],
    "partition": [("b",)], "removeprefix": [("a",)], "removesuffix": [("b",)], "replace": [("a", "bb"), ("a", "bb", 1)],
    "rfind": [("b",), ("b", 0, 2)], "rindex": [("b",)], "rjust": [(9,), (9, "-"), (9, "--")], "rpartition": [("b",)],
    "rsplit": [(), ("b",), ("b", 1)], "rstrip": [(), ("b",)], "split": [(), ("b",), ("b", 1), (None, 1)],
    "splitlines": [(), (True,)], "startswith": [("a",), (("a", "b"),)], "strip": [(), ("ab",)], "swapcase": [()],
    "title": [()], "translate": [({97: 98, 98: None},)], "upper": [()], "zfill": [(9,)],
}  # fmt: skip
TEXTS = ["abcab", "", " Hello a1\tb\r\nx", "-12a", "ß\u01c5x é"]


def of_bytes(name, x):
    if name == "translate":
        return bytes(range(255, -1, -1))
    if isinstance(x, tuple | list):
        return type(x)(of_bytes(name, y) for y in x)
    keep = name in ("decode", "hex") or not isinstance(x, str)
    return x if keep else x.encode("latin-1")


@pytest.mark.parametrize("cls", [str, bytes])
def test_all_methods_of_text_and_bytes(cls):
    names = [n for n in dir(cls) if not n.startswith("__")]
    assert set(names) <= set(METHODS)
    for name in names:
        rows = METHODS[name]
        if cls is bytes:
            rows = [tuple(of_bytes(name, x) for x in row) for row in rows]
        lines = [
            f"def f{i}(s):\n    return s.{name}({', '.join(map(repr, row))})\n"
            for i, row in enumerate(rows)
        ]
        for i in range(len(rows)):
            func = load("\n".join(lines), f"f{i}")
            jit = shoal.jit(func, distributed=False)
            for text in TEXTS:
                x = text if cls is str else text.encode()
                want, got = seen(func, (x,))[0], seen(jit, (x,))[0]
                if (
                    want[0] == "raised" and name == "rjust"
                ):  # the text of the type's name
                    got = (*got[:2], want[2])
                assert got == want, (name, rows[i], x)


def test_tables_of_text_and_bytes():
    @shoal.jit
    def f(s, b):
        return (
            s.translate(str.maketrans("ab", "xy")),
            b.translate(bytes.maketrans(b"ab", b"xy")),
            bytes.fromhex("6162"),
        )

    assert f("cab", b"cab") == f.py_func("cab", b"cab")
