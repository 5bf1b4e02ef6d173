"""Programs of tests/py/test_library.py: by the function that each is about."""

import numpy as np

_rng = np.random.default_rng(0)
DATA = {
    "A": _rng.random(7),
    "B": _rng.random(7),
    "I": _rng.integers(0, 9, 7),
    "J": _rng.integers(0, 9, 12),
    "K": _rng.random(7) > 0.5,
    "M": _rng.random((6, 4)),
    "N": _rng.random((6, 4)),
    "P": _rng.integers(-5, 5, (6, 4)),
    "T": _rng.random((4, 3, 2)),
    "S": _rng.random((4, 4)),
    "W": np.array([1.0, np.nan, 3.0, -2.0, np.nan]),
    "Q": np.array([[1.0, np.nan, 3.0], [np.nan, 5.0, 6.0], [2.0, 2.0, np.nan]]),
    "C": _rng.random((5, 3)),
    "E": _rng.random((5, 3)),
    "F": _rng.random(5).astype("f4"),
    "L": np.array([2, 0, 1]),
    "Z": _rng.random(4) + 1j * _rng.random(4),
    "U": np.array([3, 255, 0, 7], dtype="u1"),
}

PROGRAMS = {
    "dtype": [
        "return A.dtype.kind, F.dtype.itemsize, K.dtype.kind, U.dtype.name",
    ],
    "ndarray.choose": [
        "return np.choose(L, [A[:3], B[:3], A[3:6]])",
    ],
    "ndarray.compress": [
        "return np.compress(K, A)",
        "return A.compress(K)",
    ],
    "ndarray.diagonal": [
        "return np.diagonal(M)",
        "return np.diagonal(M, 1)",
        "return M.diagonal()",
        "return np.diagonal(T, 0, 0, 1)",
        "return np.diagonal(T, axis1=1, axis2=2)",
    ],
    "ndarray.partition": [
        "return np.partition(A, 3)[3]",
        "return np.partition(M, 2, axis=1)[:, 2]",
        "return np.sort(np.partition(A, 3)[:3])",
        "return np.partition(A, 3)",
        "a = A.copy()\na.partition(3)\nreturn a[3]",
    ],
    "ndarray.put": [
        "a = A.copy()\nnp.put(a, [0, 2], [9., 8.])\nreturn a",
        "a = A.copy()\nnp.put(a, L, 5.)\nreturn a",
        "a = M.copy()\nnp.put(a, [0, 7, -1], [9., 8., 7.])\nreturn a",
        "a = A.copy()\na.put([0, 2], [9., 8.])\nreturn a",
    ],
    "ndarray.take": [
        "return np.take(A, I%7)",
        "return np.take(M, L)",
        "return np.take(M, L, axis=1)",
        "return np.take(M, L, axis=0)",
        "return M.take(L, axis=1)",
        "return np.take(A, 2)",
        "return np.take(M, 3)",
        "return np.take(A, [0, -1])",
        "return np.take(A, I, mode='clip')",
        "return np.take(A, I, mode='wrap')",
    ],
    "np.add.accumulate": [
        "return np.add.accumulate(A)",
    ],
    "np.add.at": [
        "a = np.zeros((3, 3))\nnp.add.at(a, (L, L), 1.)\nreturn a",
        "a = np.zeros(9)\nnp.add.at(a, I, A)\nreturn a",
        "a = np.zeros(9, dtype=np.int64)\nnp.add.at(a, I, 1)\nreturn a",
    ],
    "np.add.outer": [
        "return np.add.outer(A, B)",
    ],
    "np.add.reduce": [
        "return np.add.reduce(A)",
        "return np.add.reduce(M, axis=1)",
    ],
    "np.apply_along_axis": [
        "return np.apply_along_axis(np.sum, 1, M)",
        "return np.apply_along_axis(lambda r: r * 2, 1, M)",
    ],
    "np.argpartition": [
        "return np.argpartition(A, 3)[3]",
    ],
    "np.around": [
        "return np.around(A, 2)",
    ],
    "np.asanyarray": [
        "return np.asanyarray(M)",
    ],
    "np.average": [
        "return np.average(A)",
        "return np.average(A, weights=B)",
        "return np.average(M, axis=0)",
        "return np.average(M, axis=1, weights=[1., 2., 3., 4.])",
        "return np.average(M, weights=N)",
        "return np.average(M, axis=0, weights=A[:6])",
        "return np.average(A, weights=B, returned=True)",
    ],
    "np.bartlett": [
        "return np.bartlett(5)",
    ],
    "np.blackman": [
        "return np.blackman(5)",
    ],
    "np.block": [
        "return np.block([[M, N], [N, M]])",
        "return np.block([A, B])",
    ],
    "np.broadcast_arrays": [
        "return np.broadcast_arrays(A, M[:, :1])",
    ],
    "np.broadcast_shapes": [
        "return np.broadcast_shapes((2, 1), (3,))",
    ],
    "np.c_": [
        "return np.c_[A, B]",
    ],
    "np.choose": [
        "return np.choose(L, [A[:3], B[:3], A[3:6]])",
    ],
    "np.compress": [
        "return np.compress(K, A), np.compress(K[:4], M, axis=1)",
    ],
    "np.copy": [
        "return np.copy(M)",
    ],
    "np.copyto": [
        "a = A.copy()\nnp.copyto(a, B)\nreturn a",
        "a = M.copy()\nnp.copyto(a, N, where=M > .5)\nreturn a",
        "a = M.copy()\nnp.copyto(a, 3.)\nreturn a",
    ],
    "np.corrcoef": [
        "return np.corrcoef(A, B)",
        "return np.corrcoef(M)",
        "return np.corrcoef(M, rowvar=False)",
    ],
    "np.correlate": [
        "return np.correlate(A, B)",
        "return np.correlate(A, B, 'full')",
        "return np.correlate(A, B[:3])",
    ],
    "np.cov": [
        "return np.cov(A, B)",
        "return np.cov(M)",
        "return np.cov(M.T)",
        "return np.cov(M, rowvar=False)",
        "return np.cov(M, bias=True)",
        "return np.cov(M, ddof=0)",
    ],
    "np.cross": [
        "return np.cross(C, E)",
        "return np.cross(C[0], E[0])",
        "return np.cross(C, E[0])",
    ],
    "np.cumulative_prod": [
        "return np.cumulative_prod(A)",
    ],
    "np.cumulative_sum": [
        "return np.cumulative_sum(A)",
        "return np.cumulative_sum(A, include_initial=True)",
    ],
    "np.delete": [
        "return np.delete(A, 2)",
        "return np.delete(A, [0, 2])",
        "return np.delete(A, L)",
        "return np.delete(M, 1, axis=0)",
        "return np.delete(M, [0, 2], axis=1)",
        "return np.delete(A, slice(1, 4))",
        "return np.delete(M, 3)",
        "return np.delete(A, K)",
        "return np.delete(A, -1)",
    ],
    "np.diag": [
        "return np.diag(A)",
        "return np.diag(M)",
        "return np.diag(M, 1)",
        "return np.diag(A, -2)",
    ],
    "np.diag_indices": [
        "return np.diag_indices(3)",
    ],
    "np.diagflat": [
        "return np.diagflat(M[:2, :2])",
    ],
    "np.diagonal": [
        "return np.diagonal(M, 1), np.diagonal(T, 0, 0, 1), M.diagonal()",
    ],
    "np.dsplit": [
        "return np.dsplit(T, 2)",
    ],
    "np.ediff1d": [
        "return np.ediff1d(A)",
        "return np.ediff1d(A, to_end=[1.], to_begin=0.)",
        "return np.ediff1d(M)",
    ],
    "np.einsum": [
        "return np.einsum('ij,jk->ik', M, S)",
        "return np.einsum('ij->i', M)",
        "return np.einsum('ii', S)",
        "return np.einsum('i,i', A, B)",
        "return np.einsum('ij,ij->i', M, N)",
        "return np.einsum('i,j->ij', A, B)",
        "return np.einsum('ij->ji', M)",
        "return np.einsum('bij,bjk->bik', T, T.transpose(0, 2, 1))",
    ],
    "np.errstate": [
        "with np.errstate(divide='ignore'): return A / B",
    ],
    "np.extract": [
        "return np.extract(K, A)",
    ],
    "np.fill_diagonal": [
        "a = S.copy()\nnp.fill_diagonal(a, 0.)\nreturn a",
        "a = M.copy()\nnp.fill_diagonal(a, [1., 2.])\nreturn a",
        "a = M.copy()\nnp.fill_diagonal(a, 7., wrap=True)\nreturn a",
    ],
    "np.finfo": [
        "return np.finfo(np.float64).eps",
        "return np.finfo(float).max",
    ],
    "np.fix": [
        "return np.fix(A * 9)",
    ],
    "np.fromfunction": [
        "return np.fromfunction(lambda i, j: i + j, (3, 4))",
    ],
    "np.geomspace": [
        "return np.geomspace(1, 100, 5)",
    ],
    "np.gradient": [
        "return np.gradient(A)",
        "return np.gradient(A, 2.0)",
        "return np.gradient(A, np.cumsum(B))",
        "return np.gradient(M)",
        "return np.gradient(M, axis=0)",
        "return np.gradient(M, 2., axis=1)",
    ],
    "np.hamming": [
        "return np.hamming(5)",
    ],
    "np.hanning": [
        "return np.hanning(5)",
    ],
    "np.histogram2d": [
        "return np.histogram2d(A, B, bins=3)",
    ],
    "np.iinfo": [
        "return np.iinfo(np.int32).max",
    ],
    "np.indices": [
        "return np.indices((2, 3))",
    ],
    "np.insert": [
        "return np.insert(A, 2, 9.5)",
        "return np.insert(A, [1, 3], [5., 6.])",
        "return np.insert(M, 1, 7., axis=0)",
        "return np.insert(M, 1, A[:6], axis=1)",
        "return np.insert(A, L, 1.)",
        "return np.insert(A, -1, 3)",
        "return np.insert(M, 2, 1.)",
        "return np.insert(I, 2, 3.7)",
    ],
    "np.iscomplexobj": [
        "return np.iscomplexobj(Z)",
    ],
    "np.isneginf": [
        "return np.isneginf(W)",
    ],
    "np.isposinf": [
        "return np.isposinf(W)",
    ],
    "np.isrealobj": [
        "return np.isrealobj(A)",
    ],
    "np.ix_": [
        "return np.ix_(L, L)",
        "return M[np.ix_(L, L)]",
    ],
    "np.kron": [
        "return np.kron(A, B)",
        "return np.kron(M, S)",
        "return np.kron(A, M)",
    ],
    "np.lexsort": [
        "return np.lexsort((A, I))",
        "return np.lexsort((I, K))",
        "return np.lexsort([B, I])",
    ],
    "np.linalg.cond": [
        "return np.linalg.cond(S)",
    ],
    "np.linalg.cross": [
        "return np.linalg.cross(C, E)",
    ],
    "np.linalg.diagonal": [
        "return np.linalg.diagonal(M)",
    ],
    "np.linalg.eigh": [
        "return np.linalg.eigh(S + S.T)[0]",
    ],
    "np.linalg.eigvalsh": [
        "return np.linalg.eigvalsh(S + S.T)",
    ],
    "np.linalg.lstsq": [
        "return np.linalg.lstsq(M, A[:6])[0]",
        "return np.linalg.lstsq(M, A[:6], rcond=None)",
    ],
    "np.linalg.matrix_norm": [
        "return np.linalg.matrix_norm(M)",
    ],
    "np.linalg.matrix_power": [
        "return np.linalg.matrix_power(S, 3)",
        "return np.linalg.matrix_power(S, -2)",
    ],
    "np.linalg.matrix_rank": [
        "return np.linalg.matrix_rank(M)",
    ],
    "np.linalg.matrix_transpose": [
        "return np.linalg.matrix_transpose(M)",
    ],
    "np.linalg.multi_dot": [
        "return np.linalg.multi_dot([M, S, S])",
    ],
    "np.linalg.outer": [
        "return np.linalg.outer(A, B)",
    ],
    "np.linalg.pinv": [
        "return np.linalg.pinv(M)",
    ],
    "np.linalg.qr": [
        "return abs(np.linalg.qr(M)[1])",
        "return np.linalg.qr(M)",
    ],
    "np.linalg.slogdet": [
        "return np.linalg.slogdet(S)",
    ],
    "np.linalg.svd": [
        "return np.linalg.svd(M)[1]",
        "return np.linalg.svd(M, full_matrices=False)[1]",
        "return np.linalg.svd(M, compute_uv=False)",
    ],
    "np.linalg.svdvals": [
        "return np.linalg.svdvals(M)",
    ],
    "np.linalg.trace": [
        "return np.linalg.trace(S)",
    ],
    "np.linalg.vector_norm": [
        "return np.linalg.vector_norm(M, axis=1)",
    ],
    "np.logical_and.reduce": [
        "return np.logical_and.reduce(K)",
    ],
    "np.logspace": [
        "return np.logspace(0, 2, 5)",
    ],
    "np.matrix_transpose": [
        "return np.matrix_transpose(M)",
    ],
    "np.maximum.accumulate": [
        "return np.maximum.accumulate(A)",
        "return np.maximum.accumulate(M, axis=1)",
    ],
    "np.maximum.at": [
        "a = np.zeros(9)\nnp.maximum.at(a, I, A)\nreturn a",
    ],
    "np.maximum.outer": [
        "return np.maximum.outer(A, B), np.minimum.outer(I, M)",
        "return np.divide.outer(A, B)",
    ],
    "np.maximum.reduce": [
        "return np.maximum.reduce(A)",
        "return np.maximum.reduce(M, axis=0)",
    ],
    "np.mgrid": [
        "return np.mgrid[0:3, 0:2]",
    ],
    "np.minimum.accumulate": [
        "return np.minimum.accumulate(A)",
    ],
    "np.minimum.reduce": [
        "return np.minimum.reduce(M), np.logical_or.reduce(P > 3, axis=1)",
    ],
    "np.multiply.accumulate": [
        "return np.multiply.accumulate(M, axis=1)",
    ],
    "np.multiply.at": [
        "a = np.ones(9)\nnp.multiply.at(a, I, A)\nnp.minimum.at(a, I, 0.5)\nreturn a",
    ],
    "np.multiply.outer": [
        "return np.multiply.outer(A, B)",
    ],
    "np.multiply.reduce": [
        "return np.multiply.reduce(A)",
    ],
    "np.nan_to_num": [
        "return np.nan_to_num(W)",
        "return np.nan_to_num(W, nan=1.)",
    ],
    "np.nancumprod": [
        "return np.nancumprod(W)",
        "return np.nancumprod(Q, axis=1)",
    ],
    "np.nancumsum": [
        "return np.nancumsum(W)",
        "return np.nancumsum(Q, axis=0)",
        "return np.nancumsum(Q, axis=1)",
        "return np.nancumsum(Q)",
    ],
    "np.ndenumerate": [
        "return [(i, x) for i, x in np.ndenumerate(M)]",
    ],
    "np.ndindex": [
        "return [x for x in np.ndindex(2, 3)]",
        "s = 0.0\nfor i, j in np.ndindex(M.shape):\n    s += M[i, j] * i\nreturn s",
        "s = 0.0\nfor at, x in np.ndenumerate(M):\n    s += at[0] * x\nreturn s",
    ],
    "np.nditer": [
        "s = 0.0\nfor x in np.nditer(M):\n    s += x\nreturn s",
        "s = 0.0\nfor x in M.flat:\n    s += x\nreturn s, M.flat[3]",
    ],
    "np.ogrid": [
        "return np.ogrid[0:3, 0:2]",
    ],
    "np.packbits": [
        "return np.packbits(K)",
        "return np.packbits(K, bitorder='little')",
    ],
    "np.pad": [
        "return np.pad(A, 2)",
        "return np.pad(A, (1, 2))",
        "return np.pad(M, 1)",
        "return np.pad(M, ((1, 0), (0, 2)), constant_values=5.)",
        "return np.pad(A, 2, mode='edge')",
        "return np.pad(A, 2, mode='reflect')",
        "return np.pad(A, 2, mode='wrap')",
        "return np.pad(A, 2, mode='symmetric')",
        "return np.pad(M, 1, mode='edge')",
    ],
    "np.partition": [
        "return np.partition(A, 3)[3], np.partition(M, 2, axis=1)[:, 2]",
    ],
    "np.piecewise": [
        "return np.piecewise(A, [A < .5, A >= .5], [lambda x: -x, lambda x: x])",
        "return np.piecewise(A, [A < .5], [0., 1.])",
    ],
    "np.place": [
        "a = A.copy()\nnp.place(a, K, [1., 2.])\nreturn a",
    ],
    "np.poly": [
        "return np.poly([1., 2.])",
    ],
    "np.polyadd": [
        "return np.polyadd([1., 2.], [1.])",
    ],
    "np.polyder": [
        "return np.polyder([3., 2., 1.])",
    ],
    "np.polydiv": [
        "return np.polydiv([1., 5., 6.], [1., 2.])",
    ],
    "np.polyfit": [
        "return np.polyfit(A, B, 2)",
        "return np.polyval(np.polyfit(A, B, 1), A)",
        "return np.polyfit(A, B, 1, w=A)",
    ],
    "np.polyint": [
        "return np.polyint([3., 2., 1.])",
    ],
    "np.polymul": [
        "return np.polymul([1., 2.], [3., 4.])",
    ],
    "np.polysub": [
        "return np.polysub([1., 2.], [1.])",
    ],
    "np.polyval": [
        "return np.polyval([1., 2., 3.], A)",
        "return np.polyval(A, 2.)",
    ],
    "np.put": [
        "a = M.copy()\nnp.put(a, [0, 7, -1], [9., 8., 7.])\nreturn a",
        "a = A.copy()\nnp.put(a, I, 5., mode='wrap')\nreturn a",
    ],
    "np.put_along_axis": [
        "a = M.copy()\nnp.put_along_axis(a, np.argmax(M, axis=1, keepdims=True), 9., axis=1)\nreturn a",
    ],
    "np.putmask": [
        "a = A.copy()\nnp.putmask(a, K, B)\nreturn a",
        "a = A.copy()\nnp.putmask(a, K, 0.)\nreturn a",
        "a = M.copy()\nnp.putmask(a, a > .5, 0.)\nreturn a",
    ],
    "np.r_": [
        "return np.r_[A, B]",
        "return np.r_[1:4, 0, 4]",
    ],
    "np.ravel_multi_index": [
        "return np.ravel_multi_index((I % 6, I % 4), (6, 4))",
        "return np.ravel_multi_index((1, 2), (3, 4))",
    ],
    "np.resize": [
        "return np.resize(A, (3, 4))",
    ],
    "np.rollaxis": [
        "return np.rollaxis(T, 2)",
        "return np.rollaxis(T, 2, 1)",
    ],
    "np.sinc": [
        "return np.sinc(A)",
        "return np.sinc(M)",
    ],
    "np.size": [
        "return np.size(M)",
        "return np.size(M, 0)",
    ],
    "np.sort_complex": [
        "return np.sort_complex(Z)",
    ],
    "np.subtract.at": [
        "a = np.zeros(9)\nnp.subtract.at(a, I, A)\nreturn a",
    ],
    "np.subtract.outer": [
        "return np.subtract.outer(A, B)",
    ],
    "np.take": [
        "return np.take(A, I % 7)",
        "return np.take(M, L, axis=1)",
        "return np.take(M, 3)",
        "return M.take(L, axis=1)",
        "return np.take(A, I, mode='clip')",
        "return np.take(F, [1, -1])",
    ],
    "np.take_along_axis": [
        "return np.take_along_axis(M, np.argsort(M, axis=1), axis=1)",
        "return np.take_along_axis(M, np.argsort(M, axis=0), 0)",
    ],
    "np.tensordot": [
        "return np.tensordot(M, S, 1)",
        "return np.tensordot(M, N, axes=([0], [0]))",
    ],
    "np.trapezoid": [
        "return np.trapezoid(A)",
        "return np.trapezoid(A, B)",
        "return np.trapezoid(M)",
        "return np.trapezoid(M, axis=0)",
        "return np.trapezoid(A, dx=.5)",
    ],
    "np.tri": [
        "return np.tri(4)",
        "return np.tri(3, 5, 1)",
        "return np.tri(3, dtype=int)",
    ],
    "np.tril": [
        "return np.tril(M)",
        "return np.tril(M, -1)",
        "return np.tril(T)",
    ],
    "np.tril_indices": [
        "return np.tril_indices(4)",
        "return np.tril_indices(3, 1, 4)",
    ],
    "np.tril_indices_from": [
        "return np.tril_indices_from(S, -1)",
    ],
    "np.trim_zeros": [
        "return np.trim_zeros(I)",
    ],
    "np.triu": [
        "return np.triu(M)",
        "return np.triu(M, 1)",
        "return np.triu(P)",
    ],
    "np.triu_indices": [
        "return np.triu_indices(4)",
    ],
    "np.triu_indices_from": [
        "return np.triu_indices_from(S)",
    ],
    "np.unpackbits": [
        "return np.unpackbits(U)",
    ],
    "np.unravel_index": [
        "return np.unravel_index(I, (3, 4))",
        "return np.unravel_index(5, (3, 4))",
        "return np.unravel_index(np.argmax(M), M.shape)",
    ],
    "np.unwrap": [
        "return np.unwrap(A * 9)",
    ],
    "np.vander": [
        "return np.vander(A)",
        "return np.vander(A, 3)",
        "return np.vander(A, 3, increasing=True)",
        "return np.vander(I, 4)",
    ],
    "np.vectorize": [
        "return np.vectorize(lambda x, y: x + y if x > y else 2. * y)(A, 0.5)",
        "return np.vectorize(lambda x, y: x > y)(A, B), np.vectorize(lambda x: x + 1.)(M)",
        "return np.vectorize(lambda x: x + 1.)(A)",
    ],
    "out": [
        "a = np.empty(7)\nb = np.add(A, B, out=a)\nb[0] = 5.0\nreturn a",
        "return np.divide(A, B, out=np.zeros_like(A), where=B > 0.5)",
        "a = np.empty_like(M)\nnp.multiply(M, N, out=a)\nreturn a",
        "a = M.copy()\nnp.sqrt(a, out=a)\nreturn a",
    ],
    "power": [
        "return A ** 0.5, M ** 0.5, F ** 0.5, np.array([-np.inf, -0.0]) ** 0.5, np.power(np.array([-np.inf, -0.0]), 0.5), I ** 0.5",
    ],
}

FAILURES = [
    "return np.take(A, 99)",
    "return np.take(M, [0, 9], axis=1)",
    "return np.take(M, 0, axis=2)",
    "return np.diagonal(A)",
    "return np.diag(T)",
    "return np.delete(A, 7)",
    "return np.insert(A, 9, 1.0)",
    "return np.cross(M, M)",
    "return np.average(M, weights=A)",
    "return np.average(A, weights=A * 0)",
    "return np.gradient(A[:1])",
    "return np.gradient(A, A, A)",
    "return np.trapezoid(A, A[:3])",
    "return np.tensordot(M, N, 1)",
    "return np.linalg.matrix_power(M, 2)",
    "return np.linalg.lstsq(M, A)",
    "return np.polyfit(A, B[:3], 1)",
    "return np.unravel_index(99, (3, 4))",
    "return np.ravel_multi_index((5, 5), (3, 4))",
    "a = A.copy()\nnp.put(a, 99, 1.0)",
    "a = I.copy()\nnp.add(A, B, out=a)",
    "return np.partition(A, 9)",
    "return np.geomspace(0, 1)",
    "return np.sum(M, axis=5)",
    "return np.broadcast_arrays(A, B[:3])",
    "return np.choose(I, [A, B])",
    "return np.pad(A, -1)",
    "return np.einsum('ij,jk->ik', M, N)",
]

# What is refused, and a part of the reason.
REFUSED = {
    "return np.einsum('...i->...', M)": "ellipsis",
    "return np.lexsort((M, N))": "more dimensions",
    "return np.pad(A, 2, 'linear_ramp')": "in this mode",
    "return np.take(A, 0, out=A)": "out parameter only supports",
    "return np.linalg.eigh(S + 1j)": "complex",
    "return np.add(A, B, where=K)": "where but without out",
    "with np.errstate(all='raise'):\n    return A / B": "np.errstate() with 'raise'",
}
