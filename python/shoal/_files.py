"""Reading and writing of files for running code: Arrow streams in and out.

Rows are balanced: every rank gets its block of the rows that the row groups left by the
filter hold. What is written appears whole or not at all: under a temporary name until all
ranks have agreed that their parts are written.
"""

import contextlib
import datetime
import hashlib
import json
import os
import re
import shutil
import tempfile

from . import _schema


def read_open(format_, path, columns, options, filter_, rank, size, limit, types=()):
    """(reader, rows): a reader with __arrow_c_stream__ over this rank's share of a file,
    and how many rows it will give. types are the dtypes of the columns, as the compiler
    took them from the file's schema."""
    opts = json.loads(options) if options else {}
    if "declared" in opts:
        _check_declared(format_, path, opts)
    if format_ == "parquet":
        known = zip(columns, types, strict=False)
        categories = [name for name, type_ in known if type_ == "category"]
        return _read_parquet(
            path, list(columns), filter_, rank, size, limit, categories
        )
    names = list(columns)
    if format_ == "csv":
        known = dict(zip(names, types, strict=False))
        table = _schema.csv_table(path, opts, names, known)
    else:
        table = _schema.json_table(path, opts, names or None)
    start, stop = _block(
        table.num_rows if limit < 0 else min(limit, table.num_rows), rank, size
    )
    return table.select(names).slice(start, stop - start).to_reader(), stop - start


def _told(name: str, type_: tuple, tz) -> tuple:
    """A column of a schema as front/declared.c tells it."""
    dtype, null, unit = type_
    number = dtype.startswith(("int", "uint", "float", "bool"))
    kind = "category" if dtype.startswith("category") else dtype
    return name, kind, unit, null == "mask" and number, tz or ""


def _shown(column: tuple) -> str:
    _, kind, unit, masked, tz = column
    whole = ", ".join(filter(None, (unit, tz)))
    return f"{kind}[{whole}]" if whole else f"nullable {kind}" if masked else kind


def _check_declared(format_: str, path: str, opts: dict) -> None:
    """DeclarationError unless a file has the columns that jit(locals=) declares, and no
    others."""
    from ._errors import DeclarationError

    variable, levels = opts.pop("variable"), opts.pop("levels")
    declared = [tuple(c) for c in opts.pop("declared")]
    columns, nindex, ranged = _schema.read(format_, path, json.dumps(opts))
    told = [_told(*c) for c in columns]
    found, says = {c[0]: c for c in told}, f"which locals= declares for {variable!r}"
    for column in declared:
        name = column[0]
        if name not in found:
            raise DeclarationError(f"{path} has no column {name!r}, {says}")
        if found[name] != column:
            raise DeclarationError(
                f"column {name!r} of {variable!r} is declared {_shown(column)} by locals=, "
                f"but is {_shown(found[name])} in {path}"
            )
    names = {c[0] for c in declared}
    more = [repr(c[0]) for c in told if c[0] not in names]
    if more:
        raise DeclarationError(
            f"{path} has columns that locals= does not declare for {variable!r}: "
            f"{', '.join(more)}"
        )
    if nindex != levels or (ranged and ranged[:2] != (0, 1)):
        raise DeclarationError(
            f"the index of {path} is not the one that locals= declares for {variable!r}"
        )


def _block(n: int, rank: int, size: int) -> tuple[int, int]:
    start = rank * (n // size) + min(rank, n % size)
    return start, start + n // size + (rank < n % size)


# -- Parquet ---------------------------------------------------------------------------


NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


def _bounds(stats, type_: str) -> tuple:
    """Smallest and largest value of a row group, in the terms of a constant of this type:
    times in nanoseconds, dates in days. Bounds may be too wide, never too narrow."""
    low, high = stats.min, stats.max
    if type_.startswith("datetime64"):
        return _nanoseconds(low, 0), _nanoseconds(high, 1000)
    if type_ == "date":
        epoch = datetime.date(1970, 1, 1).toordinal()
        return low.toordinal() - epoch, high.toordinal() - epoch
    if isinstance(low, bytes):
        return low.decode(), high.decode()
    return low, high


def _nanoseconds(t, slack: int) -> int:
    if hasattr(t, "_value") and hasattr(t, "as_unit"):  # pd.Timestamp
        return int(t.as_unit("ns")._value)
    zone = datetime.UTC if t.tzinfo is not None else None
    gone = t - datetime.datetime(1970, 1, 1, tzinfo=zone)
    return (gone // datetime.timedelta(microseconds=1)) * 1000 + slack


def _may_match(stats, op: str, value) -> bool:
    """Whether a row group with these statistics may hold a row for which the test holds.
    A value is {"t": type, "v": constant}; what cannot be compared may match."""
    if stats is None or not stats.has_min_max:
        return True
    try:
        type_, v = value["t"], value["v"]
        low, high = _bounds(stats, type_)
        if type_.startswith("datetime64"):
            v *= NANOSECONDS[type_[len("datetime64[") : -1].split(",")[0]]
        if low != low or high != high:  # NaN bounds say nothing
            return True
        return {
            "==": low <= v <= high,
            "<": low < v,
            "<=": low <= v,
            ">": high > v,
            ">=": high >= v,
        }.get(op, True)
    except (TypeError, KeyError, AttributeError, ValueError, OverflowError):
        return True


def _groups_left(metadata, filters: list) -> list[int]:
    """Row groups that may hold rows for which all tests hold."""
    if not filters:
        return list(range(metadata.num_row_groups))
    at = {metadata.schema.column(c).path: c for c in range(metadata.num_columns)}
    left = []
    for g in range(metadata.num_row_groups):
        group = metadata.row_group(g)
        tests = ((group.column(at[c]), op, v) for c, op, v in filters if c in at)
        if all(
            _may_match(col.statistics if col.is_stats_set else None, op, v)
            for col, op, v in tests
        ):
            left.append(g)
    return left


def _dictionary_columns(metadata, names: list[str]) -> list[str]:
    """Text columns worth keeping as a dictionary: few bytes a value in every row group."""
    at = {metadata.schema.column(c).path: c for c in range(metadata.num_columns)}
    kept = []
    for name in names:
        c = at.get(name)
        if c is None or metadata.schema.column(c).physical_type != "BYTE_ARRAY":
            continue
        chunks = (
            metadata.row_group(g).column(c) for g in range(metadata.num_row_groups)
        )
        if metadata.num_row_groups and all(
            chunk.has_dictionary_page
            and chunk.total_uncompressed_size <= 2 * chunk.num_values + 4096
            for chunk in chunks
        ):
            kept.append(name)
    return kept


READ_ROWS = 1 << 16  # rows that are decoded before they are copied to their place


def _read_parquet(path, columns, filter_, rank, size, limit, categories):
    import pyarrow as pa

    # Categories are those of all row groups, whatever rows are wanted.
    filters = json.loads(filter_) if filter_ and not categories else []
    names = _schema.list_files(path)
    files = [_schema.open_parquet(f) for f in names]
    parts = []  # (file number, row group, rows), in order
    for i, f in enumerate(files):
        left = _groups_left(f.metadata, filters)
        parts += [(i, g, f.metadata.row_group(g).num_rows) for g in left]
    total = sum(n for _, _, n in parts)
    start, stop = _block(total if limit < 0 else min(limit, total), rank, size)
    if not columns:
        nothing = pa.table({"": pa.nulls(stop - start)}).select([])
        reader = pa.RecordBatchReader.from_batches(nothing.schema, nothing.to_batches())
        return reader, stop - start
    mine: dict[int, list[int]] = {}
    at = skip = 0
    for i, g, n in parts:
        if at < stop and at + n > start:
            if not mine:
                skip = max(start - at, 0)
            mine.setdefault(i, []).append(g)
        at += n
    for name, f in zip(names, files, strict=True):
        for column in columns:  # the schema was read when the program was compiled
            if column not in f.schema_arrow.names:
                raise KeyError(f"{name} has no column {column!r}")
    kept = _dictionary_columns(files[0].metadata, columns)
    kept += [c for c in categories if c not in kept]
    opened = {
        i: _schema.open_parquet(
            names[i], metadata=files[i].metadata, read_dictionary=kept
        )
        for i in mine or {0: []}
    }
    schemas = [
        pa.schema([_decoded(f.schema_arrow.field(c), categories) for c in columns])
        for f in opened.values()
    ]
    schema = (
        schemas[0]
        if len(schemas) == 1
        else pa.unify_schemas(schemas, promote_options="permissive")
    ).remove_metadata()
    batches = _batches(opened, names, mine, columns, schema, size)
    cut = _cut(batches, skip, stop - start)
    return pa.RecordBatchReader.from_batches(schema, cut), stop - start


def _decoded(field, categories: list[str]):
    """The field as it is decoded: the schema has a category's own codes and order."""
    import pyarrow as pa

    if field.name not in categories:
        return field
    return pa.field(field.name, pa.dictionary(pa.int32(), field.type.value_type))


def _batches(
    opened: dict, names: list[str], mine: dict, columns: list[str], schema, size: int
):
    """Batches of the wanted row groups, as they are decoded. What the files hold is in
    memory for one batch at a time only."""
    import pyarrow as pa

    for i, groups in mine.items():
        decoded = opened[i].iter_batches(
            READ_ROWS,
            row_groups=groups,
            columns=columns,
            use_threads=size == 1 or _threads() > 1,
        )
        for batch in _schema.readable(names[i], decoded):
            batch = batch.select(columns)
            if batch.schema.equals(schema):
                yield batch
            else:
                yield from pa.Table.from_batches([batch]).cast(schema).to_batches()


def _cut(batches, skip: int, rows: int):
    """Rows skip .. skip + rows of the batches."""
    for batch in batches:
        if rows <= 0:
            return
        if skip < batch.num_rows:
            batch = batch.slice(skip, rows)
            rows -= batch.num_rows
            yield batch
            skip = 0
        else:
            skip -= batch.num_rows


def _threads() -> int:
    import pyarrow as pa

    return pa.cpu_count()


# -- Writing -----------------------------------------------------------------------------


class _Stream:
    """A capsule in the form that pyarrow takes."""

    def __init__(self, capsule):
        self.capsule = capsule

    def __arrow_c_stream__(self, requested_schema=None):
        return self.capsule


PART = re.compile(r"part-[0-9]{2,}[.]parquet")


def _target(path: str) -> str:
    """What is to be written: what a link points to, as Python's open() would."""
    return os.path.realpath(path)


def _is_device(target: str) -> bool:
    """/dev/null, a pipe, ...: it is written into, nothing takes its place."""
    kinds = os.path.isfile, os.path.isdir
    return os.path.exists(target) and not any(is_(target) for is_ in kinds)


def _is_output(folder: str) -> bool:
    """Whether a folder holds nothing but what to_parquet() of several ranks leaves."""
    with os.scandir(folder) as found:
        return all(PART.fullmatch(e.name) and e.is_file() for e in found)


def _check_target(format_: str, path: str, size: int) -> None:
    """Refuse what pandas refuses. A folder may give way to another output in its place if
    it is one itself: anything else in a folder is the user's."""
    target = _target(path)
    if not path:
        raise FileNotFoundError(2, os.strerror(2), path)
    if not os.path.isdir(os.path.dirname(target)):
        raise OSError(
            f"Cannot save file into a non-existent directory: '{os.path.dirname(path)}'"
        )
    if os.path.isdir(target):
        if format_ != "parquet" or not _is_output(target):
            raise IsADirectoryError(21, os.strerror(21), path)
    elif size > 1 and format_ == "parquet" and _is_device(target):
        raise NotADirectoryError(20, os.strerror(20), path)  # parts need a folder
    elif os.path.exists(target) and not os.access(target, os.W_OK):
        raise PermissionError(13, os.strerror(13), path)


def _note(path: str) -> str:
    """Where the pool's folder says that a target is being written: what a rank leaves that
    dies meanwhile goes with the folder (_pool.py). Empty without a pool."""
    folder = os.path.dirname(os.environ.get("SHOAL_POOL_SOCKET", ""))
    name = hashlib.sha1(os.fsencode(_target(path)), usedforsecurity=False).hexdigest()
    return os.path.join(folder, f"part-{name}") if folder else ""


def _temporary(path: str) -> str:
    """The name under which a target is written, equal on all ranks of this call."""
    job = os.environ.get("SHOAL_POOL_ID") or str(os.getppid())
    target = _target(path)
    folder, base = os.path.split(target)
    if _is_device(target):
        folder = tempfile.gettempdir()
    base = os.fsdecode(os.fsencode(base)[:200])  # names have an end, and this one grows
    return os.path.join(folder, f".{base}.shoal-{job}.tmp")


def _part(path: str, rank: int, format_: str) -> str:
    return os.path.join(_temporary(path), f"part-{rank:02d}.{format_}")


def _pandas_metadata(schema, opts: dict, rows: int) -> dict:
    """The note by which pandas finds the index again."""
    names = schema.names
    count = opts.get("nindex", 0)
    index: list = names[len(names) - count :] if count else []
    start, step = opts.get("range") or (None, None)
    if start is not None:
        index = [
            {
                "kind": "range",
                "name": None,
                "start": start,
                "stop": start + step * rows,
                "step": step,
            }
        ]
    labels = opts.get("index_names") or []
    shown = (
        dict(zip(names[len(names) - count :], labels, strict=False)) if count else {}
    )
    columns = [
        {
            "name": shown.get(n, n),
            "field_name": n,
            "pandas_type": _pandas_word(t),
            "numpy_type": "int8" if _is_dictionary(t) else _pandas_word(t),
            "metadata": {"num_categories": None, "ordered": t.ordered}
            if _is_dictionary(t)
            else None,
        }
        for n, t in zip(names, schema.types, strict=True)
    ]
    note = {
        "index_columns": index,
        "column_indexes": [],
        "columns": columns,
        "creator": {"library": "shoal", "version": "0.1.0"},
        "pandas_version": "3.0.0",
    }
    return {b"pandas": json.dumps(note).encode()}


def _is_dictionary(t) -> bool:
    import pyarrow.types as pt

    return pt.is_dictionary(t)


def _pandas_word(t) -> str:
    import pyarrow.types as pt

    if pt.is_dictionary(t):
        return "categorical"
    if pt.is_large_string(t) or pt.is_string(t):
        return "str"
    if pt.is_timestamp(t):
        return f"datetime64[{t.unit}]"
    if pt.is_duration(t):
        return f"timedelta64[{t.unit}]"
    if pt.is_date32(t):
        return "object"
    return {"double": "float64", "float": "float32"}.get(str(t), str(t))


def write_part(format_, path, options, capsule, rank, size):
    """Write this rank's rows under a temporary name. Text comes without dictionaries: to
    decode them here would load pyarrow.compute, which takes longer than most writes."""
    import pyarrow as pa

    opts = json.loads(options) if options else {}
    table = pa.RecordBatchReader.from_stream(_Stream(capsule)).read_all()
    _check_target(format_, path, size)
    file = _part(path, rank, format_)
    with _naming(path):
        if note := _note(path):
            with contextlib.suppress(FileExistsError):
                os.symlink(_temporary(path), note)
        os.makedirs(_temporary(path), exist_ok=True)
        if format_ == "parquet":
            _write_parquet(table, opts, file)
        elif format_ == "csv":
            _write_csv(table, opts, file, rank)
        else:
            table.to_pandas().to_json(file, orient="records", lines=True)


@contextlib.contextmanager
def _naming(path: str):
    """What the system refuses names the target, not the files it is made of."""
    try:
        yield
    except OSError as e:
        if e.errno is None:
            raise OSError(f"{path} can't be written: {e}") from None
        raise OSError(e.errno, os.strerror(e.errno), path) from None


def _write_parquet(table, opts: dict, file: str) -> None:
    import pyarrow.parquet as pq

    table = table.replace_schema_metadata(
        _pandas_metadata(table.schema, opts, table.num_rows)
    )
    pq.write_table(table, file, compression=opts.get("compression") or "none")


def _write_csv(table, opts: dict, file: str, rank: int) -> None:
    df = table.to_pandas()
    count = opts.get("nindex", 0)
    if count:
        names = list(df.columns[len(df.columns) - count :])
        df = df.set_index(names)
        df.index.names = opts.get("index_names") or [None] * count
    header = opts.get("header", True) is not False
    df.to_csv(
        file,
        sep=opts.get("sep") or ",",
        na_rep=opts.get("na_rep") or "",
        header=header and rank == 0,
        index=bool(count),
    )


def write_commit(format_, path, options, ok, rank, size):
    """Make the parts visible under the target's name, or remove them. Rank 0 does it."""
    if rank != 0:
        return
    try:
        if ok:
            with _naming(path):
                _replace_target(format_, path, size)
    finally:
        shutil.rmtree(_temporary(path), ignore_errors=True)
        if note := _note(path):
            with contextlib.suppress(OSError):
                os.unlink(note)


def _replace_target(format_: str, path: str, size: int) -> None:
    temporary, target, first = _temporary(path), _target(path), _part(path, 0, format_)
    if format_ != "parquet":
        _join_text(path, format_, size)
    elif size > 1:
        _exchange(temporary, target)
        return
    if os.path.isdir(target):
        _exchange(first, target)
    elif _is_device(target):
        with open(first, "rb") as part, open(target, "wb") as out:
            shutil.copyfileobj(part, out)
    else:
        if os.path.exists(target):
            shutil.copymode(target, first)
        os.replace(first, target)


def _join_text(path: str, format_: str, size: int) -> None:
    """Text formats are one file: the parts of the other ranks are appended to the first."""
    with open(_part(path, 0, format_), "ab") as out:
        for rank in range(1, size):
            with open(_part(path, rank, format_), "rb") as part:
                shutil.copyfileobj(part, out)
            os.unlink(part.name)  # a full disk takes no more than it must


def _exchange(new: str, target: str) -> None:
    """A folder cannot replace another in one step, nor a file: the old one is moved aside
    first, and back if that was in vain."""
    if not os.path.lexists(target):
        os.replace(new, target)
        return
    folder, base = os.path.split(_temporary(target))
    old = os.path.join(folder, f"{base}.old")
    os.replace(target, old)
    try:
        os.replace(new, target)
    except BaseException:
        os.replace(old, target)
        raise
    if os.path.isdir(old):
        shutil.rmtree(old, ignore_errors=True)
    else:
        os.unlink(old)
