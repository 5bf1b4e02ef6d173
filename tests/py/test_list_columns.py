"""Lists that are built at run time as data of frames and Series, and as their columns,
masks and choices: what pandas makes of them."""

import pytest
from programs import EVERYWHERE, check_program

PROGRAM = """
    import numpy as np, pandas as pd, shoal as bodo
    from pandas.testing import assert_frame_equal, assert_series_equal
    from comparing import whole

    def rows_of_a_loop(p):
        rows = []
        for i in range(len(p)):
            if p[i] > 3:
                rows.append((i, p[i] * 2, 'r' + str(i), p[i] > 10))
        return pd.DataFrame(rows, columns=['i', 'v', 'name', 'big'])

    def known_rows(p):
        return pd.DataFrame([(1, 2.5, 'a'), (2, 3.5, 'b')], columns=['a', 'b', 'c'])

    def known_dicts(p):
        return pd.DataFrame([{'a': 1, 'b': p[0]}, {'a': 2, 'b': p[1]}])

    def chosen_keys(p):
        return pd.DataFrame([{'a': 1, 'b': p[0]}, {'a': 2, 'b': p[1]}], columns=['b'])

    def range_and_lists(p):
        return pd.DataFrame({'a': range(len(p)), 'b': list(p), 'c': [str(x) for x in p]})

    def keys_and_values(p):
        d = {}
        for x in p:
            k = 'k' + str(int(x) % 3)
            d[k] = d.get(k, 0.0) + x
        return pd.DataFrame({'k': list(d.keys()), 's': list(d.values())})

    def items(p):
        d = {}
        for x in p:
            k = int(x) % 3
            d[k] = d.get(k, 0) + 1
        return pd.DataFrame(list(d.items()), columns=['k', 'n'])

    def numbers(p):
        return pd.Series([x + 1 for x in p], name='z')

    def texts(p):
        return pd.Series([str(int(x)) for x in p])

    def enumerated(p):
        return pd.DataFrame([(i, x) for i, x in enumerate(p)])

    def zipped(p):
        return pd.DataFrame(list(zip(p, [1] * len(p))), columns=['a', 'b'])

    def known_numbers(p):
        return pd.DataFrame([1, 2, 3], columns=['a'])

    def one_column(p):
        return pd.DataFrame([x for x in p])

    def known_lists(p):
        return pd.DataFrame([[1, 2], [3, 4]], columns=['a', 'b'])

    def lists(p):
        rows = []
        for x in p:
            rows.append([x, x * 2])
        return pd.DataFrame(rows, columns=['a', 'b'])

    def times(p):
        rows = []
        for x in p:
            rows.append((pd.Timestamp('2020-01-01') + pd.Timedelta(days=int(x)), x))
        return pd.DataFrame(rows, columns=['t', 'x'])

    def missing_numbers(p):
        out = []
        for x in p:
            out.append(x if x > 2 else None)
        return pd.DataFrame({'a': out})

    def assigned(p):
        df = pd.DataFrame({'a': p})
        df['b'] = [x * 2 for x in p]
        df['c'] = [str(x) for x in p]
        return df

    def mask(p):
        df = pd.DataFrame({'a': p})
        return df[[x > 3 for x in p]]

    def known_lengths(p):
        return pd.DataFrame({'a': [1, 2], 'b': [3, 4, 5]})

    def lengths(p):
        return pd.DataFrame({'a': [x for x in p], 'b': [1, 2]})

    def too_few_names(p):
        return pd.DataFrame([(1, 2), (3, 4)], columns=['a'])

    def grouped(p):
        df = pd.DataFrame({'a': p, 'k': [int(x) % 3 for x in p]})
        return df.groupby('k', as_index=False).a.sum()

    def matrix(p):
        return pd.DataFrame(p.reshape(len(p) // 4, 4), columns=list('abcd'))

    def matrix_without_names(p):
        return pd.DataFrame(p.reshape(len(p) // 4, 4))

    def filled_matrix(p):
        M = np.zeros((len(p), 2))
        M[:, 0] = p; M[:, 1] = p * 2
        return pd.DataFrame(M, columns=['a', 'b'])

    def missing_in_rows(p):
        rows = []
        for x in p:
            rows.append((x, None if x > 5 else x))
        return pd.DataFrame(rows, columns=['a', 'b'])

    def isin(p):
        s = pd.Series(p)
        return s[s.isin([x for x in p if x > 4])]

    def counted(p):
        d = {}
        for x in p:
            d[int(x) % 3] = d.get(int(x) % 3, 0) + 1
        return pd.Series(d)

    def named_sums(p):
        d = {}
        for x in p:
            d["k" + str(int(x) % 3)] = d.get("k" + str(int(x) % 3), 0.0) + x
        return pd.Series(d, name="sums")

    def known_dict(p):
        return pd.Series({"a": p[0], "b": p[1]})

    def of_a_parallel_loop(p):
        rows = []
        for i in bodo.prange(len(p)):
            rows.append((i, p[i] * 0.5, "x" + str(i)))
        return pd.DataFrame(rows, columns=["i", "v", "s"])

    ALL = (
        counted, named_sums, known_dict, of_a_parallel_loop,
        rows_of_a_loop, known_rows, known_dicts, chosen_keys, range_and_lists,
        keys_and_values, items, numbers, texts, enumerated, zipped, known_numbers,
        one_column, known_lists, lists, times, missing_numbers, assigned, mask,
        known_lengths, lengths, too_few_names, grouped, matrix, matrix_without_names,
        filled_matrix, missing_in_rows, isin,
    )

    def outcome(f, p):
        try:
            return f(p)
        except ValueError as e:
            return str(e).splitlines()[0]

    for f in ALL:
        g = bodo.jit(f)
        for n in (20, 8):
            p = np.arange(n * 1.0)
            got, want = whole(outcome(g, p)), outcome(f, p)
            if isinstance(want, str):
                assert got == want, (f.__name__, got, want)
            elif isinstance(want, pd.DataFrame):
                assert_frame_equal(pd.DataFrame(got), want)
            else:
                assert_series_equal(pd.Series(got), want)
    print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize(("ranks", "mode"), EVERYWHERE)
def test_program(ranks, mode, tmp_path):
    check_program(PROGRAM, ranks, mode, tmp_path)
