"""Functions and methods of Python's own: of ints, text, bytes, dicts and modules."""


def _whole(x):
    if not isinstance(x, int):
        raise TypeError(
            f"'{type(x).__name__}' object cannot be interpreted as an integer"
        )


def bin(x):
    _whole(x)
    return f"{x:#b}"


def oct(x):
    _whole(x)
    return f"{x:#o}"


def hex(x):
    _whole(x)
    return f"{x:#x}"


def ascii(x):
    return f"{x!a}"


# -- int -------------------------------------------------------------------------------
def _order(byteorder):
    if byteorder != "little" and byteorder != "big":
        raise ValueError("byteorder must be either 'little' or 'big'")
    return byteorder == "little"


def int_to_bytes(self, length=1, byteorder="big", signed=False):
    little = _order(byteorder)
    if length < 0:
        raise ValueError("length argument must be non-negative")
    if self < 0 and not signed:
        raise OverflowError("can't convert negative int to unsigned")
    bits = 8 * length - (1 if signed else 0)
    if bits < 63 and (self >> max(bits, 0)) != (-1 if self < 0 else 0):
        raise OverflowError("int too big to convert")
    places = range(length) if little else range(length - 1, -1, -1)
    return bytes([self >> min(8 * i, 63) & 255 for i in places])


def int_from_bytes(bytes, byteorder="big", signed=False):
    n = len(bytes)
    value = 0
    for i in range(n):
        at = n - 1 - i if _order(byteorder) else i
        if value > 0x7FFFFFFFFFFFFF and (i > 0 or not signed):
            raise OverflowError("an int beyond 64 bits")
        byte = bytes[at]
        value = byte - 256 if i == 0 and signed and byte > 127 else value << 8 | byte
    return value


# -- str -------------------------------------------------------------------------------
def str_maketrans(x, y=None, z=None):
    if y is None:
        return {(k if isinstance(k, int) else ord(k)): v for k, v in x.items()}
    if len(x) != len(y):
        raise ValueError("the first two maketrans arguments must have equal length")
    if z is None:
        return {ord(x[i]): ord(y[i]) for i in range(len(x))}
    table = {ord(x[i]): y[i] for i in range(len(x))}
    for c in z:
        table[ord(c)] = ""
    return table


def _replaced(c, table):
    if ord(c) not in table:
        return c
    to = table[ord(c)]
    if to is None:
        return ""
    return chr(to) if isinstance(to, int) else to


def str_translate(self, table):
    return "".join([_replaced(c, table) for c in self])


def str_format_map(self, mapping):
    return self.format(**mapping)


# -- bytes -----------------------------------------------------------------------------
def _letter(c):
    return 65 <= c <= 90 or 97 <= c <= 122


def bytes_title(self):
    out = []
    inside = False
    for c in self:
        letter = _letter(c)
        low = 97 <= c <= 122
        out.append(c ^ 32 if letter and low != inside else c)
        inside = letter
    return bytes(out)


def bytes_istitle(self):
    inside = some = False
    for c in self:
        letter = _letter(c)
        if letter and (97 <= c <= 122) != inside:
            return False
        some = some or letter
        inside = letter
    return some


def bytes_splitlines(self, keepends=False):
    out = []
    i = start = 0
    while i < len(self):
        c = self[i]
        i += 1
        if c == 10 or c == 13:
            end = i if keepends else i - 1
            if c == 13 and i < len(self) and self[i] == 10:
                i += 1
                end = i if keepends else i - 2
            out.append(self[start:end])
            start = i
    if start < len(self):
        out.append(self[start:])
    return out


def bytes_expandtabs(self, tabsize=8):
    out = []
    column = 0
    for c in self:
        if c == 9:
            if tabsize > 0:
                more = tabsize - column % tabsize
                column += more
                out.extend([32] * more)
            continue
        out.append(c)
        column = 0 if c == 10 or c == 13 else column + 1
    return bytes(out)


def _fill(fillbyte, name):
    if not isinstance(fillbyte, bytes):
        raise TypeError(
            f"{name}() argument 2 must be a byte string of length 1, not {type(fillbyte).__name__}"
        )
    if len(fillbyte) != 1:
        raise TypeError(
            f"{name}() argument 2 must be a byte string of length 1, not bytes"
        )


def bytes_center(self, width, fillbyte=b" "):
    _fill(fillbyte, "center")
    gap = max(width - len(self), 0)
    left = gap // 2 + (gap & width & 1)
    return fillbyte * left + self + fillbyte * (gap - left)


def bytes_ljust(self, width, fillbyte=b" "):
    _fill(fillbyte, "ljust")
    return self + fillbyte * (width - len(self))


def bytes_rjust(self, width, fillbyte=b" "):
    _fill(fillbyte, "rjust")
    return fillbyte * (width - len(self)) + self


def bytes_zfill(self, width):
    zeros = b"0" * (width - len(self))
    if self[:1] == b"-" or self[:1] == b"+":
        return self[:1] + zeros + self[1:]
    return zeros + self


def bytes_hex(self, sep=None, bytes_per_sep=1):
    """With a separator: groups are counted from the end unless their size is negative."""
    text = self.hex()
    if sep is None or bytes_per_sep == 0:
        return text
    between = sep if isinstance(sep, str) else sep.decode("latin-1")
    if len(between) != 1:
        raise ValueError("sep must be length 1.")
    if ord(between) > 127:
        raise ValueError("sep must be ASCII.")
    n = len(text)
    size = 2 * abs(bytes_per_sep)
    first = size if bytes_per_sep < 0 or n % size == 0 else n % size
    rest = [text[i : i + size] for i in range(first, n, size)]
    return between.join([text[:first], *rest])


def bytes_maketrans(frm, to):
    if len(frm) != len(to):
        raise ValueError("maketrans arguments must have same length")
    table = list(range(256))
    for i in range(len(frm)):
        table[frm[i]] = to[i]
    return bytes(table)


def bytes_translate(self, table, delete=b""):
    if table is None:
        return bytes([c for c in self if c not in delete])
    if len(table) != 256:
        raise ValueError("translation table must be 256 characters long")
    return bytes([table[c] for c in self if c not in delete])


# -- containers ------------------------------------------------------------------------
def list___getitem__(self, index):
    return self[index]


def list_index(self, x, start, stop):
    n = len(self)
    first = max(start + n, 0) if start < 0 else start
    last = stop + n if stop < 0 else min(stop, n)
    for i in range(first, last):
        if self[i] == x:
            return i
    raise ValueError(f"{x!r} is not in list")


def list_count(self, x):
    return sum(1 for v in self if v == x)


def list_set_step(self, key, values):
    """self[a:b:c] = values"""
    start, stop, step = key.indices(len(self))
    items = list(values)
    places = range(start, stop, step)
    if len(items) != len(places):
        raise ValueError(
            f"attempt to assign sequence of size {len(items)} to extended slice of size "
            f"{len(places)}"
        )
    for i in range(len(places)):
        self[places[i]] = items[i]


def dict___getitem__(self, key):
    return self[key]


def dict_fromkeys(iterable, value=None):
    return {k: value for k in iterable}  # noqa: C420


# -- math ------------------------------------------------------------------------------
def fsum(seq):
    """The exact sum, rounded once: parts that do not overlap, from small to large."""
    parts = []
    special = 0.0
    for item in seq:
        x = float(item)
        if x - x != 0:
            special += x
            continue
        n = 0
        for j in range(len(parts)):
            y = parts[j]
            if abs(x) < abs(y):
                x, y = y, x
            high = x + y
            low = y - (high - x)
            if low != 0:
                parts[n] = low
                n += 1
            x = high
        del parts[n:]
        if x - x != 0:
            raise OverflowError("intermediate overflow in fsum")
        parts.append(x)
    if special != 0 or special != special:
        return special
    return _rounded(parts)


def _rounded(parts):
    """Half to even, also where the half is decided by what is left below."""
    n = len(parts)
    if n == 0:
        return 0.0
    n -= 1
    high = parts[n]
    low = 0.0
    while n > 0 and low == 0:
        x = high
        n -= 1
        y = parts[n]
        high = x + y
        low = y - (high - x)
    if n > 0 and ((low < 0 and parts[n - 1] < 0) or (low > 0 and parts[n - 1] > 0)):
        y = low * 2
        x = high + y
        if y == x - high:
            high = x
    return high


def prod(iterable, start):
    result = start
    for x in iterable:
        result = result * x
    return result
