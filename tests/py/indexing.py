"""Every form of indexing, each a function: arr_ of arrays of one dimension, ser_ of Series,
df_ of frames, nd_ of arrays of two dimensions. Rows below lo are left out first, so that
chunks are uneven and some ranks have none.

Their last arguments: two positions, a step, an index array.
"""

# Each takes all of these arguments, whatever it needs.
import numpy as np


def arr_mask_get(A, lo, a, b, k, idx):
    A = A[A >= lo]
    return A[A % 3 == 1]


def arr_slice_get(A, lo, a, b, k, idx):
    A = A[A >= lo]
    return A[a:b]


def arr_slice_get2(A, lo, a, b, k, idx):
    A = A[A >= lo]
    return A[a:b:2]


def arr_slice_get3(A, lo, a, b, k, idx):
    A = A[A >= lo]
    return A[a::3]


def arr_slice_getm1(A, lo, a, b, k, idx):
    A = A[A >= lo]
    return A[::-1]


def arr_slice_getm2(A, lo, a, b, k, idx):
    A = A[A >= lo]
    return A[a:b:-2]


def arr_slice_getk(A, lo, a, b, k, idx):
    A = A[A >= lo]
    return A[a:b:k]


def arr_scalar_get(A, lo, a, b, k, idx):
    A = A[A >= lo]
    return A[a]


def arr_scalar_get_loop(A, lo, a, b, k, idx):
    A = A[A >= lo]
    s = 0
    for i in range(3):
        s += A[a + i]
    return s


def arr_mask_set(A, lo, a, b, k, idx):
    A = A[A >= lo]
    A[A % 3 == 1] = 7
    return A


def arr_slice_set(A, lo, a, b, k, idx):
    A = A[A >= lo]
    A[a:b] = 7
    return A


def arr_slice_set2(A, lo, a, b, k, idx):
    A = A[A >= lo]
    A[a:b:2] = 7
    return A


def arr_slice_setm(A, lo, a, b, k, idx):
    A = A[A >= lo]
    A[a:b:-2] = 7
    return A


def arr_slice_setk(A, lo, a, b, k, idx):
    A = A[A >= lo]
    A[a:b:k] = 7
    return A


def arr_scalar_set(A, lo, a, b, k, idx):
    A = A[A >= lo]
    A[a] = 7
    return A


def arr_mask_set_arr(A, lo, a, b, k, idx):
    A = A[A >= lo]
    m = A % 3 == 1
    A[m] = np.arange(m.sum()) * 10
    return A


def arr_mask_set_self(A, lo, a, b, k, idx):
    A = A[A >= lo]
    m = A % 3 == 1
    A[m] = A[m] + 1
    return A


def arr_slice_set_arr(A, lo, a, b, k, idx):
    A = A[A >= lo]
    A[a:b] = np.arange(len(A[a:b])) * 10
    return A


def arr_slice_set_self(A, lo, a, b, k, idx):
    A = A[A >= lo]
    A[1:] = A[:-1]
    return A


def arr_slice_set_self2(A, lo, a, b, k, idx):
    A = A[A >= lo]
    A[::2] = A[::2] + 5
    return A


def arr_slice_set_step(A, lo, a, b, k, idx):
    A = A[A >= lo]
    A[a:b:2] = np.arange(len(A[a:b:2]))
    return A


def arr_slice_set_rev(A, lo, a, b, k, idx):
    A = A[A >= lo]
    A[:] = A[::-1]
    return A


def arr_idx_get(A, lo, a, b, k, idx):
    A = A[A >= lo]
    return A[idx]


def arr_idx_get_list(A, lo, a, b, k, idx):
    A = A[A >= lo]
    return A[[a, b]]


def arr_idx_get_dist(A, lo, a, b, k, idx):
    A = A[A >= lo]
    return A[np.argsort(A)]


def arr_idx_set(A, lo, a, b, k, idx):
    A = A[A >= lo]
    A[idx] = 7
    return A


def arr_idx_set_arr(A, lo, a, b, k, idx):
    A = A[A >= lo]
    A[idx] = np.arange(len(idx)) * 10
    return A


def arr_idx_set_list(A, lo, a, b, k, idx):
    A = A[A >= lo]
    A[[a, b]] = 3
    return A


def arr_idx_set_self(A, lo, a, b, k, idx):
    A = A[A >= lo]
    A[idx] = A[idx] + 1
    return A


def arr_aug(A, lo, a, b, k, idx):
    A = A[A >= lo]
    A[a:b] += 2
    return A


def arr_aug_mask(A, lo, a, b, k, idx):
    A = A[A >= lo]
    A[A > 5] *= 2
    return A


def arr_aug_one(A, lo, a, b, k, idx):
    A = A[A >= lo]
    A[a] += 2
    return A


def arr_whole(A, lo, a, b, k, idx):
    A = A[A >= lo]
    A[:] = 4
    return A


def arr_neg(A, lo, a, b, k, idx):
    A = A[A >= lo]
    return A[-1], A[-2:], A[:-2]


def arr_view_write(A, lo, a, b, k, idx):
    A = A[A >= lo]
    B = A[a:b]
    B[:] = 3
    return A


def arr_view_write2(A, lo, a, b, k, idx):
    A = A[A >= lo]
    B = A[::2]
    B[B > 4] = 3
    return A, B


def ser_mask(S, lo, a, b, k, idx):
    S = S[S >= lo]
    return S[S % 3 == 1]


def ser_locmask(S, lo, a, b, k, idx):
    S = S[S >= lo]
    return S.loc[S % 3 == 1]


def ser_iloc(S, lo, a, b, k, idx):
    S = S[S >= lo]
    return S.iloc[a:b]


def ser_iloc2(S, lo, a, b, k, idx):
    S = S[S >= lo]
    return S.iloc[a:b:2]


def ser_ilocm(S, lo, a, b, k, idx):
    S = S[S >= lo]
    return S.iloc[::-1]


def ser_ilocm2(S, lo, a, b, k, idx):
    S = S[S >= lo]
    return S.iloc[a:b:-2]


def ser_iloc_one(S, lo, a, b, k, idx):
    S = S[S >= lo]
    return S.iloc[a]


def ser_iloc_list(S, lo, a, b, k, idx):
    S = S[S >= lo]
    return S.iloc[[a, b]]


def ser_iloc_arr(S, lo, a, b, k, idx):
    S = S[S >= lo]
    return S.iloc[idx]


def ser_slice(S, lo, a, b, k, idx):
    S = S[S >= lo]
    return S[a:b]


def ser_head(S, lo, a, b, k, idx):
    S = S[S >= lo]
    return S.head(a), S.tail(b)


def ser_take(S, lo, a, b, k, idx):
    S = S[S >= lo]
    return S.take(idx)


def ser_iat(S, lo, a, b, k, idx):
    S = S[S >= lo]
    return S.iat[a]


def df_mask(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    return D[D.A % 3 == 1]


def df_locmask(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    return D.loc[D.A % 3 == 1]


def df_locmaskc(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    return D.loc[D.A % 3 == 1, "B"]


def df_locmaskcs(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    return D.loc[D.A % 3 == 1, ["B", "T"]]


def df_iloc(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    return D.iloc[a:b]


def df_iloc2(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    return D.iloc[a:b:2]


def df_ilocm(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    return D.iloc[::-1]


def df_iloc_col(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    return D.iloc[a:b, 0]


def df_iloc_cols(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    return D.iloc[a:b, :2]


def df_iloc_el(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    return D.iloc[a, 1]


def df_iloc_row(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    r = D.iloc[a]
    return r["A"], r.B, r["T"]


def df_iloc_row_numbers(D, lo, a, b, k, idx):
    r = D[["A", "B"]].iloc[a]
    return r["A"] + r.B


def df_iat(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    return D.iat[a, 1]


def df_set_loc(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D.loc[D.A % 3 == 1, "B"] = 7.5
    return D


def df_set_locT(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D.loc[D.A % 3 == 1, "T"] = "zz"
    return D


def df_set_iloc(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D.iloc[a:b, 1] = 7.5
    return D


def df_set_iloc_el(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D.iloc[a, 1] = 7.5
    return D


def df_slice(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    return D[a:b]


def df_iloc_list(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    return D.iloc[[a, b]]


def df_iloc_arr(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    return D.iloc[idx]


def df_set_loc_vals(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    m = D.A % 3 == 1
    D.loc[m, "B"] = D.loc[m, "B"] * 2
    return D


def df_take(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    return D.take(idx)


def df_tail(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    return D.head(a), D.tail(b)


def df_colslice(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    return D["A"].values[a:b]


def df_set_iat(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D.iat[a, 1] = 7.5
    return D


def nd_mask(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    return A[A[:, 0] % 3 == 1]


def nd_slice(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    return A[a:b]


def nd_slice2(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    return A[a:b:2]


def nd_slicem(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    return A[::-1]


def nd_slicec(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    return A[a:b, 1]


def nd_slicecc(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    return A[a:b, 1:]


def nd_row(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    return A[a]


def nd_el(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    return A[a, 1]


def nd_col(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    return A[:, 1]


def nd_coln(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    return A[:, -1]


def nd_maskc(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    return A[A[:, 0] % 3 == 1, 1]


def nd_mask2(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    return A[A % 3 == 1]


def nd_set_mask(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    A[A[:, 0] % 3 == 1] = 7
    return A


def nd_set_slice(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    A[a:b] = 7
    return A


def nd_set_slice2(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    A[a:b:2] = 7
    return A


def nd_set_slicem(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    A[a:b:-2] = 7
    return A


def nd_set_row(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    A[a] = 7
    return A


def nd_set_el(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    A[a, 1] = 7
    return A


def nd_set_mask2(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    A[A % 3 == 1] = 7
    return A


def nd_set_col(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    A[:, 1] = 7
    return A


def nd_set_colarr(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    A[:, 1] = A[:, 0]
    return A


def nd_set_rowarr(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    A[a] = np.arange(3)
    return A


def nd_set_slicearr(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    A[a:b] = np.arange(3)
    return A


def nd_set_slicec(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    A[a:b, 1] = 9
    return A


def nd_idx(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    return A[idx]


def nd_set_idx(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    A[idx] = 7
    return A


def nd_idx2(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    return A[idx, 1]


def nd_set_idx2(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    A[idx, 1] = 7
    return A


def nd_set_self(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    A[1:] = A[:-1]
    return A


def nd_set_maskarr(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    m = A[:, 0] % 3 == 1
    A[m] = A[m] * 2
    return A


def nd_set_idxarr(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    A[idx] = np.arange(len(idx) * 3).reshape(len(idx), 3)
    return A


def nd_aug(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    A[a:b] += 1
    return A


def nd_set_maskrow(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    A[A[:, 0] % 3 == 1] = np.arange(3)
    return A


def nd_set_fromrows(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    A[a:b] = A[a:b] * 2
    return A


def nd_mask_vals(A, lo, a, b, k, idx):
    A = A[A[:, 0] >= lo]
    m = A % 3 == 1
    A[m] = np.arange(m.sum())
    return A
