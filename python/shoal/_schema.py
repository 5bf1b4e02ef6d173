"""Names and types of the columns of a file, as pandas would read them.

A schema is (columns, number of stored index columns, its RangeIndex: () or (start, step,
name)); a column is (name, (dtype, null form, unit), time zone). Integers and bools that may have nulls by the
file's statistics are of the null form "prom": pandas decides their dtype by the data.
"""

import errno
import os
import re

from ._desc import STR, category_type
from ._errors import UnsupportedError

# What pandas takes for missing in text files.
NA_VALUES = [
    "",
    "#N/A",
    "#N/A N/A",
    "#NA",
    "-1.#IND",
    "-1.#QNAN",
    "-NaN",
    "-nan",
    "1.#IND",
    "1.#QNAN",
    "<NA>",
    "N/A",
    "NA",
    "NULL",
    "NaN",
    "None",
    "n/a",
    "nan",
    "null",
]
NULLABLE = {
    "Int8",
    "Int16",
    "Int32",
    "Int64",
    "UInt8",
    "UInt16",
    "UInt32",
    "UInt64",
    "boolean",
    "Float32",
    "Float64",
}


def list_files(path: str) -> list[str]:
    """The files that a path stands for: itself, a folder's files in order, or a glob's."""
    if os.path.isfile(path):
        return [path]
    if os.path.isdir(path):
        found = []
        for folder, inner, names in os.walk(path):
            inner[:] = sorted(d for d in inner if not d.startswith((".", "_")))
            found += [
                os.path.join(folder, n)
                for n in sorted(names)
                if not n.startswith((".", "_"))
            ]
        if not found:
            raise FileNotFoundError(f"the folder {path!r} has no files")
        return found
    import glob  # as json below: not needed by most programs

    found = sorted(glob.glob(path)) if glob.has_magic(path) else []
    if not found:
        _check_reach(path)
        raise FileNotFoundError(2, os.strerror(2), path)
    return [file for p in found for file in list_files(p)] if found else found


def _check_reach(path: str) -> None:
    """Raise what keeps a path from being looked up, other than that it is not there."""
    try:
        os.stat(path)
    except OSError as e:
        if e.errno in (errno.EACCES, errno.EPERM, errno.ENAMETOOLONG):
            raise


def stamp(path: str):
    """What changes when a file does; None when it is not there."""
    try:
        files = list_files(path)
        return tuple((f, s.st_mtime_ns, s.st_size) for f in files for s in [os.stat(f)])
    except OSError:
        return None


def read(format_: str, path: str, options: str | None) -> tuple:
    """The schema of a file."""
    import json

    opts = json.loads(options) if options else {}
    if format_ == "parquet":
        return parquet(path)
    if format_ == "csv":
        return text_schema(csv_table(path, opts))
    if format_ == "json":
        return text_schema(json_table(path, opts))
    raise UnsupportedError(f"files of format {format_} are not supported")


# -- Parquet ---------------------------------------------------------------------------


def open_parquet(file: str, **options):
    """A ParquetFile; what is wrong with it names the file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(file, **options)
    except (pa.ArrowInvalid, OSError) as e:
        if isinstance(e, OSError) and e.errno is not None:
            raise  # of the system: it names the file
        text = str(e).strip()
        raise OSError(f"{file} is not a readable Parquet file: {text}") from None


def readable(file: str, batches):
    """The batches; what goes wrong while they are decoded names the file."""
    import pyarrow as pa

    try:
        yield from batches
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as e:
        raise OSError(f"{file} is not a readable Parquet file: {e}") from None


def null_counts(metadata) -> dict:
    """Column path -> number of nulls, None when some row group does not say."""
    counts: dict = {}
    for g in range(metadata.num_row_groups):
        group = metadata.row_group(g)
        for c in range(group.num_columns):
            column = group.column(c)
            name = column.path_in_schema
            stats = column.statistics if column.is_stats_set else None
            if stats is None or not stats.has_null_count:
                counts[name] = None
            elif counts.get(name, 0) is not None:
                counts[name] = counts.get(name, 0) + stats.null_count
    return counts


def _check_partitions(path: str, files: list) -> None:
    """pandas makes a column of folders named key=value."""
    for file in files if os.path.isdir(path) else ():
        folders = os.path.relpath(os.path.dirname(file), path).split(os.sep)
        found = [f for f in folders if "=" in f]
        if found:
            raise UnsupportedError(
                f"{path}: folders named {found[0]!r} and the like say what a column has, "
                f"which is not read; read them one by one and set the column "
                f"{found[0].split('=')[0]!r}"
            )


def parquet(path: str) -> tuple:
    files = list_files(path)
    _check_partitions(path, files)
    first = open_parquet(files[0])
    schema = first.schema_arrow
    nulls = null_counts(first.metadata)
    rows = first.metadata.num_rows
    for file in files[1:]:
        other = open_parquet(file)
        rows += other.metadata.num_rows
        if other.schema_arrow.names != schema.names:
            raise ValueError(f"{file} has other columns than {files[0]}")
        for name, n in null_counts(other.metadata).items():
            known = nulls.get(name, 0)
            nulls[name] = None if n is None or known is None else known + n
    import json

    meta = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))
    kinds = {
        c.get("field_name") or c.get("name"): c.get("numpy_type")
        for c in meta.get("columns", [])
    }
    index = [c for c in meta.get("index_columns", []) if isinstance(c, str)]
    ranged = () if index else _range_of(meta, rows)
    names = [n for n in schema.names if n not in index] + index
    if len(set(names)) != len(names):
        raise UnsupportedError(f"{path}: two columns of one name")
    columns = tuple(
        arrow_column(schema.field(n), nulls.get(n), kinds.get(n), path) for n in names
    )
    return columns, len(index), ranged


def _range_of(meta: dict, rows: int) -> tuple:
    """The RangeIndex that pandas stored, if it is one of so many rows (of several files
    it is that of the first)."""
    for d in meta.get("index_columns", []):
        if isinstance(d, dict) and d.get("kind") == "range":
            start, step, name = d["start"], d["step"], d.get("name")
            if len(range(start, d["stop"], step)) == rows:
                return start, step, name if isinstance(name, str) else None
    return 0, 1, None


def arrow_column(field, nulls, kind: str | None, path: str) -> tuple:
    """(name, type, time zone) of a column of a Parquet file."""
    import pyarrow.types as t

    dtype = field.type
    what = f"column {field.name!r} of {path}"
    may_miss = nulls is None or nulls > 0
    if t.is_integer(dtype) or t.is_boolean(dtype):
        word = "bool" if t.is_boolean(dtype) else str(dtype)
        null = "mask" if kind in NULLABLE else "prom" if may_miss else "none"
        return field.name, (word, null, ""), None
    if t.is_float32(dtype) or t.is_float64(dtype):
        word = "float32" if t.is_float32(dtype) else "float64"
        return field.name, (word, "mask" if kind in NULLABLE else "nan", ""), None
    if t.is_string(dtype) or t.is_large_string(dtype) or str(dtype) == "string_view":
        return field.name, ("str", "mask", ""), None
    if t.is_timestamp(dtype):
        return field.name, ("datetime64", "nat", dtype.unit), dtype.tz
    if t.is_duration(dtype):
        return field.name, ("timedelta64", "nat", dtype.unit), None
    if t.is_date32(dtype):
        return field.name, ("date", "mask", ""), None
    if t.is_decimal(dtype):
        raise UnsupportedError(
            f"{what} is {dtype}: decimals are not supported; write the file with float64"
        )
    if t.is_dictionary(dtype) and (
        t.is_string(dtype.value_type) or t.is_large_string(dtype.value_type)
    ):
        return field.name, category_type(STR, dtype.ordered), None
    raise UnsupportedError(f"{what} has the type {dtype}, which is not supported")


# -- CSV and JSON ------------------------------------------------------------------------


def _csv_types(dtype) -> dict:
    """dtype= as Arrow types by column; the key None holds one for all."""
    import pyarrow as pa

    words = {
        "str": "large_string",
        "string": "large_string",
        "object": "large_string",
        "float": "float64",
        "int": "int64",
        "bool": "bool",
        "boolean": "bool",
    }
    if dtype is None:
        return {}
    pairs = dtype.items() if isinstance(dtype, dict) else [(None, dtype)]
    out = {}
    for name, word in pairs:
        if word == "category":  # of the values that are found: front/build_io.c
            out[name] = None
            continue
        text = words.get(word, word.lower())
        try:
            out[name] = pa.type_for_alias(text)
        except ValueError:
            raise UnsupportedError(
                f"read_csv(): dtype {word!r} is not supported"
            ) from None
    return out


def _arrow_type(dtype: str):
    """The Arrow type of a dtype that a text file's column can have."""
    import pyarrow as pa

    if dtype in ("str", "datetime64"):  # times are parsed from text
        return pa.large_string()
    return pa.type_for_alias(dtype)


# What Arrow would take for a date or a time, and pandas leaves as text.
DATE_LIKE = r"\d{4}-\d\d-\d\d|\d\d:\d\d(:\d\d)?"


def _csv_head(path: str, opts: dict, sep: str) -> tuple[list[str], list[str]]:
    """Names of a text file's columns, and the texts of its first row."""
    import csv

    with open(path, newline="", encoding="utf-8-sig") as f:
        for _ in range(opts.get("skiprows") or 0):
            f.readline()
        rows = filter(None, csv.reader(f, delimiter=sep))
        names = list(opts.get("names") or next(rows, ()))
        if not names:
            import pandas.errors

            raise pandas.errors.EmptyDataError("No columns to parse from file")
        if opts.get("names") and opts.get("header", True):
            next(rows, None)  # names of its own, which nobody wants
        return names, next(rows, [])


def csv_table(
    path: str | list[str],
    opts: dict,
    columns: list[str] | None = None,
    known: dict[str, str] | None = None,
):
    """A text file as an Arrow table whose types are those that pandas would choose; all of
    it is read, as pandas looks at all of it too. columns: only these; the rest is not
    converted. known: dtypes of them that an earlier look has found."""
    import pyarrow as pa
    import pyarrow.csv as pc

    files = path if isinstance(path, list) else list_files(path)
    sep = opts.get("sep") or ","
    tables = []
    for file in files:
        names, row = _csv_head(file, opts, sep)
        if len(set(names)) != len(names):
            raise UnsupportedError(f"{file}: two columns of one name")
        types = _csv_types(opts.get("dtype"))
        given = {n: t for n, t in types.items() if n is not None and t is not None}
        if types.get(None) is not None:
            given = dict.fromkeys(names, types[None])
        # A first value like a date leaves date or text, and pandas has text for both.
        for name, text in zip(names, row, strict=False):
            if re.fullmatch(DATE_LIKE, text):
                given.setdefault(name, pa.large_string())
        given.update((n, _arrow_type(t)) for n, t in (known or {}).items())
        for name in opts.get("parse_dates") or []:
            if name not in names:
                raise ValueError(f"Missing column provided to 'parse_dates': '{name}'")
            given[name] = pa.large_string()
        skip = (opts.get("skiprows") or 0) + (1 if opts.get("header", True) else 0)
        convert = pc.ConvertOptions(
            column_types=given,
            null_values=NA_VALUES,
            true_values=["True", "TRUE", "true"],
            false_values=["False", "FALSE", "false"],
            strings_can_be_null=True,
            timestamp_parsers=["\x01"],  # pandas leaves times as text
            include_columns=names[:1] if columns == [] else columns,
        )
        try:
            tables.append(
                pc.read_csv(
                    file,
                    pc.ReadOptions(column_names=names, skip_rows=skip),
                    pc.ParseOptions(delimiter=sep, newlines_in_values=False),
                    convert,
                )
            )
        except pa.ArrowInvalid as e:
            import pandas.errors

            if "Empty CSV" in str(e):
                tables.append(pa.table({n: pa.nulls(0) for n in columns or names}))
                continue
            raise pandas.errors.ParserError(f"{file}: {e}") from None
    table = (
        tables[0]
        if len(tables) == 1
        else pa.concat_tables(tables, promote_options="permissive")
    )
    if opts.get("nrows") is not None:
        table = table.slice(0, opts["nrows"])
    if columns == []:  # one column was read to count the rows
        return table
    given = {*_csv_types(opts.get("dtype")), *(known or ())}
    if None in given:
        given.update(table.column_names)
    return _as_pandas(table, opts.get("parse_dates") or [], files, opts, given)


def _as_pandas(table, dates: list, files: list[str], opts: dict, given: set):
    """Arrow's choice of types turned into pandas': text stays text where Arrow saw dates,
    integers with missing values are float64, all missing is float64."""
    import pyarrow as pa
    import pyarrow.types as t

    again = [
        f.name
        for f in table.schema
        if (t.is_date(f.type) or t.is_time(f.type) or t.is_timestamp(f.type))
        and f.name not in dates
    ]
    if again and len(files):
        opts = {**opts, "dtype": dict.fromkeys(again, "str"), "parse_dates": None}
        texts = csv_table(files, opts, again)
        for name in again:
            at = table.column_names.index(name)
            table = table.set_column(at, name, texts.column(name))
    for i, field in enumerate(table.schema):
        column = table.column(i)
        if field.name in dates:
            column = _parse_dates(column)
        elif t.is_null(field.type):
            column = pa.chunked_array([pa.nulls(len(column), pa.float64())])
        elif t.is_integer(field.type) and column.null_count and field.name not in given:
            column = column.cast(pa.float64(), safe=False)
        else:
            continue
        table = table.set_column(i, field.name, column)
    return table


def _parse_dates(column):
    import pandas as pd
    import pyarrow as pa

    try:
        return column.cast(pa.timestamp("us"))
    except pa.ArrowInvalid:
        parsed = pd.to_datetime(pd.Series(column.to_pandas()))
        return pa.chunked_array([pa.array(parsed)])


def json_table(path: str, opts: dict, columns: list[str] | None = None):
    """A file of one JSON object a line as an Arrow table."""
    import pyarrow as pa
    import pyarrow.json as pj

    tables = [pj.read_json(f) for f in list_files(path)]
    table = (
        tables[0]
        if len(tables) == 1
        else pa.concat_tables(tables, promote_options="permissive")
    )
    table = _as_pandas(table, [], [], opts, set())
    return table.select(columns) if columns is not None else table


def text_schema(table) -> tuple:
    """The schema of a table read from text: its types are exact, nulls are known."""
    columns = tuple(
        arrow_column(field, table.column(i).null_count, None, "the file")
        for i, field in enumerate(table.schema)
    )
    return columns, 0, (0, 1, None)
