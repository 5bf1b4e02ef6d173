/* SPDX-License-Identifier: Apache-2.0
 * A linker for the objects that codegen/ makes: x86-64 ELF, one function to be found,
 * no external symbols but the few functions of the C library that LLVM may call by
 * itself.
 *
 *   memory of an object   head | code | stubs | read-only data | zero-filled rest
 *
 * Sections are laid out one behind the other, those that run first; a call out of the
 * object goes through a stub, because the C library may be farther than 2 GB. What is
 * not known here (another processor, relocation or symbol) is not an error: the caller
 * has LLVM's linker too. The bytes have passed the cache's checksum or come from LLVM
 * in this run; all the same no offset is followed that leaves them.
 */
#include "base/base.h"

#include "codegen/link.h"

#include <elf.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct Linked {
    size_t size; /* of the mapping, at whose start this stands */
};

#if defined(__x86_64__)

enum { SECTIONS = 64, STUB = 16, HEAD = 64 };

typedef struct Outer {
    const char *name;
    void *at;
} Outer;

#    define OUTER(f)                                                                   \
        {                                                                              \
#            f, (void *)(uintptr_t)(f)                                                 \
        }

/* What LLVM's code generator may call; jit.c has the same list. */
static const Outer outer[] = {
    OUTER(memcpy), OUTER(memset), OUTER(memmove), OUTER(floor),
    OUTER(ceil),   OUTER(trunc),  OUTER(rint),    OUTER(floorf),
    OUTER(ceilf),  OUTER(truncf), OUTER(rintf),
};

typedef struct Link {
    const uint8_t *bytes;
    size_t size;
    const Elf64_Shdr *sec;
    size_t nsec;
    const Elf64_Sym *sym;
    size_t nsym;
    const char *names;
    size_t names_size;
    uint8_t *base;
    size_t at[SECTIONS]; /* of each section in the mapping; 0: not there */
    size_t stubs, code_end, end;
} Link;

static bool within(const Link *l, uint64_t at, uint64_t n)
{
    return at <= l->size && n <= l->size - at;
}

static const Elf64_Shdr *section(const Link *l, size_t k)
{
    return k < l->nsec ? &l->sec[k] : NULL;
}

static bool open_symbols(Link *l, const Elf64_Shdr *s)
{
    const Elf64_Shdr *names = section(l, s->sh_link);
    if (!names || !within(l, names->sh_offset, names->sh_size) || !names->sh_size ||
        s->sh_offset % sizeof(uint64_t))
        return false;
    l->sym = (const void *)(l->bytes + s->sh_offset);
    l->nsym = s->sh_size / sizeof *l->sym;
    l->names = (const char *)l->bytes + names->sh_offset;
    l->names_size = names->sh_size;
    return l->names[names->sh_size - 1] == 0;
}

static bool open_object(Link *l)
{
    const Elf64_Ehdr *h = (const void *)l->bytes;
    if (l->size < sizeof *h || memcmp(h->e_ident, ELFMAG, SELFMAG) != 0 ||
        h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_machine != EM_X86_64 ||
        h->e_type != ET_REL || h->e_shentsize != sizeof(Elf64_Shdr) ||
        h->e_shnum > SECTIONS || h->e_shoff % sizeof(uint64_t) ||
        !within(l, h->e_shoff, (uint64_t)h->e_shnum * sizeof(Elf64_Shdr)))
        return false;
    l->sec = (const void *)(l->bytes + h->e_shoff);
    l->nsec = h->e_shnum;
    for (size_t k = 0; k < l->nsec; k++) {
        const Elf64_Shdr *s = &l->sec[k];
        if (s->sh_type != SHT_NOBITS && !within(l, s->sh_offset, s->sh_size))
            return false;
        if (s->sh_type == SHT_SYMTAB && !open_symbols(l, s)) return false;
    }
    return l->sym != NULL;
}

static size_t up(size_t n, size_t to)
{
    return (n + to - 1) / to * to;
}

/* Places of all sections of one kind, from *at on. */
static bool place(Link *l, bool code, size_t *at)
{
    for (size_t k = 0; k < l->nsec; k++) {
        const Elf64_Shdr *s = &l->sec[k];
        bool runs = (s->sh_flags & SHF_EXECINSTR) != 0;
        size_t align = s->sh_addralign ? s->sh_addralign : 1;
        if (!(s->sh_flags & SHF_ALLOC) || runs != code) continue;
        if (s->sh_flags & (SHF_WRITE | SHF_TLS) || align > 4096 ||
            s->sh_size > 1u << 28)
            return false;
        l->at[k] = up(*at, align);
        *at = l->at[k] + s->sh_size;
    }
    return true;
}

static bool lay_out(Link *l)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), at = HEAD;
    if (!place(l, true, &at)) return false;
    l->stubs = up(at, STUB);
    l->code_end = up(l->stubs + STUB * (size_t)COUNT_OF(outer), page);
    at = l->code_end;
    if (!place(l, false, &at)) return false;
    l->end = up(at + 1, page);
    return true;
}

/* jmp *2(%rip); the address */
static void make_stub(uint8_t *to, void *target)
{
    static const uint8_t jump[8] = {0xff, 0x25, 2, 0, 0, 0, 0x90, 0x90};
    memcpy(to, jump, sizeof jump);
    memcpy(to + 8, &target, sizeof target);
}

static bool map(Link *l)
{
    int how = MAP_PRIVATE | MAP_ANONYMOUS;
    void *p = mmap(NULL, l->end, PROT_READ | PROT_WRITE, how, -1, 0);
    if (p == MAP_FAILED) return false;
    l->base = p;
    ((Linked *)p)->size = l->end;
    for (size_t k = 0; k < l->nsec; k++)
        if (l->at[k] && l->sec[k].sh_type != SHT_NOBITS)
            memcpy(l->base + l->at[k], l->bytes + l->sec[k].sh_offset,
                   l->sec[k].sh_size);
    for (size_t k = 0; k < (size_t)COUNT_OF(outer); k++)
        make_stub(l->base + l->stubs + STUB * k, outer[k].at);
    return true;
}

static const char *name_of(const Link *l, const Elf64_Sym *s)
{
    return s->st_name < l->names_size ? l->names + s->st_name : "";
}

static uint8_t *address(const Link *l, const Elf64_Sym *s)
{
    if (s->st_shndx < l->nsec && l->at[s->st_shndx])
        return s->st_value > l->sec[s->st_shndx].sh_size
                   ? NULL
                   : l->base + l->at[s->st_shndx] + s->st_value;
    for (size_t k = 0; s->st_shndx == SHN_UNDEF && k < (size_t)COUNT_OF(outer); k++)
        if (strcmp(name_of(l, s), outer[k].name) == 0)
            return l->base + l->stubs + STUB * k;
    return NULL;
}

static bool relocate(const Link *l, const Elf64_Shdr *s, const Elf64_Rela *r)
{
    size_t type = ELF64_R_TYPE(r->r_info), sym = ELF64_R_SYM(r->r_info);
    const Elf64_Shdr *to = section(l, s->sh_info);
    size_t width = type == R_X86_64_64 || type == R_X86_64_PC64 ? 8 : 4;
    if (sym >= l->nsym || r->r_offset > to->sh_size ||
        to->sh_size - r->r_offset < width)
        return false;
    uint8_t *at = l->base + l->at[s->sh_info] + r->r_offset;
    const uint8_t *target = address(l, &l->sym[sym]);
    if (!target) return false;
    int64_t v = (int64_t)(uintptr_t)target + r->r_addend;
    int64_t from = (int64_t)(uintptr_t)at;
    switch (type) {
    case R_X86_64_64: memcpy(at, &v, 8); return true;
    case R_X86_64_PC64:
        v -= from;
        memcpy(at, &v, 8);
        return true;
    case R_X86_64_PC32:
    case R_X86_64_PLT32: {
        int32_t near = (int32_t)(v - from);
        memcpy(at, &near, 4);
        return near == v - from;
    }
    default: return false;
    }
}

static bool relocate_all(const Link *l)
{
    for (size_t k = 0; k < l->nsec; k++) {
        const Elf64_Shdr *s = &l->sec[k];
        if (s->sh_type == SHT_REL) return false;
        if (s->sh_type != SHT_RELA || s->sh_info >= l->nsec || !l->at[s->sh_info])
            continue;
        if (s->sh_offset % sizeof(uint64_t)) return false;
        const Elf64_Rela *r = (const void *)(l->bytes + s->sh_offset);
        for (size_t i = 0; i < s->sh_size / sizeof *r; i++)
            if (!relocate(l, s, &r[i])) return false;
    }
    return true;
}

static void *find_main(const Link *l)
{
    for (size_t k = 0; k < l->nsym; k++)
        if (strcmp(name_of(l, &l->sym[k]), "shoal_main") == 0)
            return address(l, &l->sym[k]);
    return NULL;
}

void *link_load(const uint8_t *bytes, size_t size, Linked **code)
{
    Link l = {.bytes = bytes, .size = size};
    *code = NULL;
    if ((uintptr_t)bytes % sizeof(uint64_t)) return NULL;
    if (!open_object(&l) || !lay_out(&l) || !map(&l)) return NULL;
    void *at = relocate_all(&l) ? find_main(&l) : NULL;
    if (!at || mprotect(l.base, l.code_end, PROT_READ | PROT_EXEC) ||
        mprotect(l.base + l.code_end, l.end - l.code_end, PROT_READ)) {
        (void)munmap(l.base, l.end);
        return NULL;
    }
    *code = (Linked *)(void *)l.base;
    return at;
}

#else

void *link_load(const uint8_t *bytes, size_t size, Linked **code)
{
    (void)bytes, (void)size;
    *code = NULL;
    return NULL;
}

#endif

void link_free(Linked *code)
{
    if (code) (void)munmap(code, code->size);
}
