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


def ser_head_get(S, lo, a, b, k, idx):
    S = S[S >= lo]
    return S[S.index[a]], S.loc[S.index[b]], S.at[S.index[a]]


def ser_label_get(S, lo, a, b, k, idx):
    return S[a], S.loc[a], S.at[b]


def ser_set_iloc(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S.iloc[a] = 7
    return S


def ser_set_iat(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S.iat[a] = 7
    return S


def ser_set_iloc_slice(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S.iloc[a:b] = 7
    return S


def ser_set_iloc_step(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S.iloc[a:b:-2] = 7
    return S


def ser_set_slice(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S[a:b] = 7
    return S


def ser_set_slice_step(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S[a:b:2] = 7
    return S


def ser_set_mask(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S[S % 3 == 1] = 7
    return S


def ser_set_locmask(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S.loc[S % 3 == 1] = 7
    return S


def ser_set_idx(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S.iloc[idx] = 7
    return S


def ser_set_list(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S.iloc[[a, b]] = 3
    return S


def ser_set_all(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S[:] = 4
    return S


def ser_set_label(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S.loc[S.index[a]] = 7
    return S


def ser_set_at(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S.at[S.index[a]] = 7
    return S


def ser_set_item(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S[S.index[b]] = 7
    return S


def ser_set_float(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S.iloc[a] = 7.0
    return S


def ser_set_aug(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S.iloc[a] += 2
    return S


def ser_set_aug_slice(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S.iloc[a:b] += 2
    return S


def ser_set_aug_mask(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S[S > 5] *= 2
    return S


def ser_set_aug_label(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S.loc[S.index[a]] += 2
    return S


def ser_set_mask_arr(S, lo, a, b, k, idx):
    S = S[S >= lo]
    m = S % 3 == 1
    S[m] = np.arange(m.sum()) * 10
    return S


def ser_set_mask_whole(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S[S % 3 == 1] = np.arange(len(S)) * 10
    return S


def ser_set_mask_ser(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S[S % 3 == 1] = S * 2
    return S


def ser_set_mask_self(S, lo, a, b, k, idx):
    S = S[S >= lo]
    m = S % 3 == 1
    S.loc[m] = S[m] + 1
    return S


def ser_set_slice_arr(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S.iloc[a:b] = np.arange(len(S.iloc[a:b])) * 10
    return S


def ser_set_slice_wrong(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S.iloc[a:b] = np.arange(3)
    return S


def ser_set_slice_self(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S.iloc[1:] = S.iloc[:-1]
    return S


def ser_set_rev(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S[:] = S.iloc[::-1]
    return S


def ser_set_idx_arr(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S.iloc[idx] = np.arange(len(idx)) * 10
    return S


def ser_set_other_name(S, lo, a, b, k, idx):
    S = S[S >= lo]
    T = S
    T.iloc[a:b] = 7
    return S.sum(), T


def ser_set_copy(S, lo, a, b, k, idx):
    S = S[S >= lo]
    T = S.copy()
    T.iloc[a:b] = 7
    return S, T


def ser_set_in_loop(S, lo, a, b, k, idx):
    S = S[S >= lo]
    for i in range(len(S)):
        S.iloc[i] = i * 2
    return S


def ser_set_missing(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S.iloc[a] = np.nan
    return S


def df_set_column_of(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    s = D["A"]
    s.iloc[a] = 7
    D["C"] = s
    s.iloc[b] = 8
    return D, s


def df_set_text_iloc(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    s = D["T"]
    s.iloc[a] = "z"
    return s


def df_set_text_slice(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    s = D["T"]
    s.iloc[a:b:k] = "z"
    return s


def df_set_text_mask(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    s = D["T"]
    s[D.A % 3 == 1] = "z"
    return s


def df_set_text_idx(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    s = D["T"]
    s.iloc[idx] = "z"
    return s


def df_set_text_self(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    s = D["T"]
    s.iloc[1:] = s.iloc[:-1]
    return s


def df_set_text_rev(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    s = D["T"]
    s[:] = s.iloc[::-1]
    return s


def df_set_text_none(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    s = D["T"]
    s.iloc[a:b] = None
    return s


def df_set_text_label(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    s = D["T"]
    s.loc[s.index[a]] = "z"
    return s


def df_set_text_masked(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    s = D["T"]
    m = D.A % 3 == 1
    s[m] = s[m] + "!"
    return s


def df_set_iloc_text(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D.iloc[a, 2] = "z"
    return D


def df_set_iloc_slice_text(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D.iloc[a:b, 2] = "z"
    return D


def df_set_rows(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D.iloc[a:b, [0, 1]] = 3
    return D


def df_set_cols(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D.iloc[a:b, :2] = [3, 2.5]
    return D


def df_set_row(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D.iloc[a] = [3, 2.5, "z"]
    return D


def df_set_loc_rows(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D.loc[D.A % 3 == 1] = [3, 2.5, "z"]
    return D


def df_set_loc_cols(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D.loc[D.A % 3 == 1, ["A", "B"]] = 3
    return D


def df_set_loc_cols_list(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D.loc[D.A % 3 == 1, ["A", "B"]] = [3, 2.5]
    return D


def df_set_at(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D.at[D.index[a], "B"] = 7.5
    return D


def df_set_loc_label(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D.loc[D.index[a], "B"] = 7.5
    return D


def df_set_bad(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D.iloc[a, 0] = 7.5
    return D


def df_set_loc_arr(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    m = D.A % 3 == 1
    D.loc[m, "B"] = np.arange(m.sum()) * 0.5
    return D


def df_set_iloc_arr(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D.iloc[a:b, 1] = np.arange(len(D.iloc[a:b])) * 0.5
    return D


def df_set_aug(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D.loc[D.A % 3 == 1, "B"] += 1
    return D


def df_set_iloc_idx(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D.iloc[idx, 1] = 7.5
    return D


def df_set_iloc_idx_text(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D.iloc[idx, 2] = "z"
    return D


def df_set_iloc_list(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D.iloc[[a, b], 1] = [2.5, 3.5]
    return D


def df_set_mask_frame(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    E = D[["A", "B"]]
    E[E > 3] = 0
    return E, D


def df_at_get(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    return D.at[D.index[a], "B"], D.loc[D.index[b], "T"]


def df_set_values(D, lo, a, b, k, idx):
    D = D[["A", "B"]][D.A >= lo]
    D.iloc[a:b:k] = D.iloc[a:b:k].values * 2
    return D


def df_set_values_mask(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D.loc[D.A % 3 == 1, ["A", "B"]] = np.arange(2 * (D.A % 3 == 1).sum()).reshape(-1, 2)
    return D


def df_set_both(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D["C"] = D["A"] * 2
    D[["A", "C"]] = D[["C", "A"]].values
    return D


def df_set_slice(D, lo, a, b, k, idx):
    D = D[["A", "B"]][D.A >= lo]
    D[a:b] = 7
    D[::-2] += 1
    return D


def df_names(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    return D.loc[D.A % 3 == 1, "A":"B"], D.loc[:, "B":], D.iloc[a:b, ::-1]


def df_set_names(D, lo, a, b, k, idx):
    D = D[D.A >= lo]
    D.loc[D.A % 3 == 1, "A":"B"] = 7
    return D


def ser_set_down(S, lo, a, b, k, idx):
    S = S[S >= lo]
    S.iloc[a:b:k] = S.iloc[a:b:k].values[::-1] * 2
    return S


def arr_slice_down(A, lo, a, b, k, idx):
    A = A[A >= lo]
    A[a:b:k] = A[a:b:k][::-1] * 2
    return A[b:a:-1], A[a:b:k][::-1], A
