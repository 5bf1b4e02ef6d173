/* SPDX-License-Identifier: Apache-2.0
 * dtypes as users write them: "int64", int, np.float32, "datetime64[ns]", "Int64",
 * "str".
 */
#include "front/build.h"
#include "front/front_int.h"

static const struct Named {
    const char *text;
    uint8_t dt, null, unit;
} named[] = {
    {"int",             DT_I64,  NULL_NONE, UNIT_NONE},
    {"i8",              DT_I64,  NULL_NONE, UNIT_NONE},
    {"i4",              DT_I32,  NULL_NONE, UNIT_NONE},
    {"float",           DT_F64,  NULL_NAN,  UNIT_NONE},
    {"f8",              DT_F64,  NULL_NAN,  UNIT_NONE},
    {"f4",              DT_F32,  NULL_NAN,  UNIT_NONE},
    {"double",          DT_F64,  NULL_NAN,  UNIT_NONE},
    {"complex",         DT_C128, NULL_NONE, UNIT_NONE},
    {"c16",             DT_C128, NULL_NONE, UNIT_NONE},
    {"c8",              DT_C64,  NULL_NONE, UNIT_NONE},
    {"int_",            DT_I64,  NULL_NONE, UNIT_NONE},
    {"intp",            DT_I64,  NULL_NONE, UNIT_NONE},
    {"longlong",        DT_I64,  NULL_NONE, UNIT_NONE},
    {"intc",            DT_I32,  NULL_NONE, UNIT_NONE},
    {"short",           DT_I16,  NULL_NONE, UNIT_NONE},
    {"byte",            DT_I8,   NULL_NONE, UNIT_NONE},
    {"uint",            DT_U64,  NULL_NONE, UNIT_NONE},
    {"uintp",           DT_U64,  NULL_NONE, UNIT_NONE},
    {"ulonglong",       DT_U64,  NULL_NONE, UNIT_NONE},
    {"uintc",           DT_U32,  NULL_NONE, UNIT_NONE},
    {"ushort",          DT_U16,  NULL_NONE, UNIT_NONE},
    {"ubyte",           DT_U8,   NULL_NONE, UNIT_NONE},
    {"single",          DT_F32,  NULL_NAN,  UNIT_NONE},
    {"csingle",         DT_C64,  NULL_NONE, UNIT_NONE},
    {"cdouble",         DT_C128, NULL_NONE, UNIT_NONE},
    {"l",               DT_I64,  NULL_NONE, UNIT_NONE},
    {"q",               DT_I64,  NULL_NONE, UNIT_NONE},
    {"i",               DT_I32,  NULL_NONE, UNIT_NONE},
    {"h",               DT_I16,  NULL_NONE, UNIT_NONE},
    {"b",               DT_I8,   NULL_NONE, UNIT_NONE},
    {"L",               DT_U64,  NULL_NONE, UNIT_NONE},
    {"Q",               DT_U64,  NULL_NONE, UNIT_NONE},
    {"I",               DT_U32,  NULL_NONE, UNIT_NONE},
    {"H",               DT_U16,  NULL_NONE, UNIT_NONE},
    {"B",               DT_U8,   NULL_NONE, UNIT_NONE},
    {"d",               DT_F64,  NULL_NAN,  UNIT_NONE},
    {"f",               DT_F32,  NULL_NAN,  UNIT_NONE},
    {"D",               DT_C128, NULL_NONE, UNIT_NONE},
    {"F",               DT_C64,  NULL_NONE, UNIT_NONE},
    {"?",               DT_BOOL, NULL_NONE, UNIT_NONE},
    {"bool",            DT_BOOL, NULL_NONE, UNIT_NONE},
    {"bool_",           DT_BOOL, NULL_NONE, UNIT_NONE},
    {"str",             DT_STR,  NULL_MASK, UNIT_NONE},
    {"str_",            DT_STR,  NULL_MASK, UNIT_NONE},
    {"string",          DT_STR,  NULL_MASK, UNIT_NONE},
    {"boolean",         DT_BOOL, NULL_MASK, UNIT_NONE},
    {"Int8",            DT_I8,   NULL_MASK, UNIT_NONE},
    {"Int16",           DT_I16,  NULL_MASK, UNIT_NONE},
    {"Int32",           DT_I32,  NULL_MASK, UNIT_NONE},
    {"Int64",           DT_I64,  NULL_MASK, UNIT_NONE},
    {"UInt8",           DT_U8,   NULL_MASK, UNIT_NONE},
    {"UInt16",          DT_U16,  NULL_MASK, UNIT_NONE},
    {"UInt32",          DT_U32,  NULL_MASK, UNIT_NONE},
    {"UInt64",          DT_U64,  NULL_MASK, UNIT_NONE},
    {"Float32",         DT_F32,  NULL_MASK, UNIT_NONE},
    {"Float64",         DT_F64,  NULL_MASK, UNIT_NONE},
    {"datetime64[s]",   DT_TS,   NULL_NAT,  UNIT_S   },
    {"datetime64[ms]",  DT_TS,   NULL_NAT,  UNIT_MS  },
    {"datetime64[us]",  DT_TS,   NULL_NAT,  UNIT_US  },
    {"datetime64[ns]",  DT_TS,   NULL_NAT,  UNIT_NS  },
    {"timedelta64[s]",  DT_TD,   NULL_NAT,  UNIT_S   },
    {"timedelta64[ms]", DT_TD,   NULL_NAT,  UNIT_MS  },
    {"timedelta64[us]", DT_TD,   NULL_NAT,  UNIT_US  },
    {"timedelta64[ns]", DT_TD,   NULL_NAT,  UNIT_NS  },
    {"M8[s]",           DT_TS,   NULL_NAT,  UNIT_S   },
    {"M8[ms]",          DT_TS,   NULL_NAT,  UNIT_MS  },
    {"M8[us]",          DT_TS,   NULL_NAT,  UNIT_US  },
    {"M8[ns]",          DT_TS,   NULL_NAT,  UNIT_NS  },
    {"m8[s]",           DT_TD,   NULL_NAT,  UNIT_S   },
    {"m8[ms]",          DT_TD,   NULL_NAT,  UNIT_MS  },
    {"m8[us]",          DT_TD,   NULL_NAT,  UNIT_US  },
    {"m8[ns]",          DT_TD,   NULL_NAT,  UNIT_NS  },
};

/* "U5", "<U5": text of 5 characters; "U": of any number. */
static bool text_parse(const char *text, Type *out)
{
    int64_t n = 0;
    if (*text == '<' || *text == '=') text++;
    if (*text++ != 'U') return false;
    for (; *text >= '0' && *text <= '9' && n <= UINT16_MAX; text++)
        n = 10 * n + (*text - '0');
    if (*text || n > UINT16_MAX) return false;
    *out = (Type){.kind = TY_COL, .dt = DT_CHAR, .of = (uint16_t)n};
    return true;
}

bool dtype_is_object(const AVal *v)
{
    if (v->kind == A_CONST && v->ck == AC_STR)
        return !strcmp(v->s, "object") || !strcmp(v->s, "O");
    return v->kind == A_API &&
           (!strcmp(v->s, "builtins.object") || !strcmp(v->s, "np.object_"));
}

/* NOLINTNEXTLINE(misc-no-recursion): once, without the byte order */
bool dtype_parse(const char *text, Type *out)
{
    for (idx i = 0; i < COUNT_OF(named); i++) {
        if (strcmp(named[i].text, text) != 0) continue;
        *out = (Type){.kind = TY_COL,
                      .dt = named[i].dt,
                      .null = named[i].null,
                      .unit = named[i].unit};
        return true;
    }
    for (int d = 0; d < DT_COUNT; d++) {
        if (!dt_is_number((DType)d)) continue;
        if (strcmp(dtype_info[d].text, text) && strcmp(dtype_info[d].numpy, text))
            continue;
        *out = type_col((DType)d);
        return true;
    }
    bool order = *text == '<' || *text == '=' || *text == '|';
    return order && dtype_parse(text + 1, out);
}

bool dtype_of(Front *f, const AVal *v, Type *out)
{
    if (v->kind == A_LIST) /* pairs of name and dtype */
        front_unsup(f, UNSUP_STRUCTURED, NULL);
    if (v->kind == A_DTYPE) {
        *out = type_with(v->type, TY_COL);
        return true;
    }
    if (v->kind == A_CONST && v->ck == AC_STR) return dtype_parse(v->s, out);
    if (v->kind != A_API) return false;
    const char *dot = strrchr(v->s, '.');
    if (!dot || strchr(v->s, '.') != dot) return false; /* np.random.f is no "f" */
    if (strncmp(v->s, "np.", 3) != 0 && strncmp(v->s, "builtins.", 9) != 0 &&
        strncmp(v->s, "pd.", 3) != 0)
        return false;
    size_t n = strlen(dot + 1);
    if (strncmp(v->s, "pd.", 3) != 0) return dtype_parse(dot + 1, out);
    if (n < 6 || strcmp(dot + 1 + n - 5, "Dtype") != 0)
        return false; /* pd.Int64Dtype */
    char text[32];
    if (n - 5 >= sizeof text) return false;
    memcpy(text, dot + 1, n - 5);
    text[n - 5] = 0;
    if (!strcmp(text, "Boolean")) return dtype_parse("boolean", out);
    return dtype_parse(text, out);
}

bool dtype_of_array(Front *f, const AVal *v, Type *out)
{
    if (v->kind == A_CONST && v->ck == AC_STR && text_parse(v->s, out)) return true;
    if (!dtype_of(f, v, out)) return false;
    if (out->dt == DT_STR) *out = (Type){.kind = TY_COL, .dt = DT_CHAR};
    return true;
}

const char *dtype_text(Front *f, Type t)
{
    char text[48];
    return arena_strdup(f->arena, type_text(t, text));
}

bool dtype_same(Front *f, const AVal *a, const AVal *b)
{
    Type x, y;
    if (av_is_str(b, "category")) return a->kind == A_DTYPE && a->type.dt == DT_CAT;
    if (av_is_str(a, "category")) return dtype_same(f, b, a);
    if (!dtype_of(f, a, &x) || !dtype_of(f, b, &y)) return false;
    if ((x.null == NULL_PROM || y.null == NULL_PROM) && x.dt == y.dt)
        unsup(f,
              "the dtype of this column depends on the data: %s if no row is missing",
              dtype_info[x.dt].text);
    return type_eq(x, y);
}
