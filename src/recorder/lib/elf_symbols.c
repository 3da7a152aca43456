#include "recorder/lib/elf_symbols.h"

#include "recorder/lib/str.h"

static uintptr_t distance(uintptr_t a, uintptr_t b)
{
	return a < b ? b - a : a - b;
}

/* glibc relocates the addresses in a dynamic section in place. musl leaves the
 * addresses as in the file, and so do all loaders in the vDSO. Of the two
 * readings, the right reading lies near the section. A place above the base
 * proves nothing: an object may lie below the address given by the linker. */
static const void *in_memory(const ElfW(Dyn) * section, uintptr_t base,
			     uintptr_t address)
{
	uintptr_t at = (uintptr_t)section, moved = base + address;

	return (const void *)(distance(moved, at) < distance(address, at)
				      ? moved
				      : address);
}

bool symbols_of(struct symbols *s, const ElfW(Dyn) * section, uintptr_t base)
{
	*s = (struct symbols){.base = base};
	for (const ElfW(Dyn) *d = section; d && d->d_tag != DT_NULL; d++) {
		const void *at = in_memory(section, base, d->d_un.d_ptr);

		if (d->d_tag == DT_SYMTAB)
			s->sym = at;
		else if (d->d_tag == DT_STRTAB)
			s->strings = at;
		else if (d->d_tag == DT_GNU_HASH)
			s->gnu_hash = at;
		else if (d->d_tag == DT_HASH)
			s->hash = at;
		else if (d->d_tag == DT_VERSYM)
			s->versions = at;
	}
	return s->sym && s->strings && (s->gnu_hash || s->hash);
}

/* Defined here, and not a version kept only for old programs? */
static void *symbol_at(const struct symbols *s, uint32_t i, const char *name)
{
	const ElfW(Sym) *sym = &s->sym[i];

	if (sym->st_shndx == SHN_UNDEF || !sym->st_value ||
	    ELF64_ST_TYPE(sym->st_info) == STT_TLS ||
	    (s->versions && s->versions[i] & 0x8000) ||
	    !str_equal(s->strings + sym->st_name, name))
		return NULL;
	return (void *)(s->base + sym->st_value);
}

static void *find_by_gnu_hash(const struct symbols *s, const char *name)
{
	const uint32_t *table = s->gnu_hash;
	uint32_t buckets = table[0], first = table[1], hash = 5381;
	const uint32_t *bucket, *chain;
	void *found;

	for (const char *c = name; *c; c++)
		hash = hash * 33 + (unsigned char)*c;
	bucket = table + 4 + table[2] * (sizeof(ElfW(Addr)) / 4);
	chain = bucket + buckets;
	bucket += buckets ? hash % buckets : 0;
	if (!buckets || !*bucket || *bucket < first)
		return NULL;
	for (uint32_t i = *bucket;; i++) {
		if ((chain[i - first] | 1) == (hash | 1) &&
		    (found = symbol_at(s, i, name)))
			return found;
		if (chain[i - first] & 1)
			return NULL;
	}
}

static void *find_by_hash(const struct symbols *s, const char *name)
{
	uint32_t buckets = s->hash[0], hash = 0;
	const uint32_t *bucket = s->hash + 2, *chain = bucket + buckets;
	void *found;

	for (const char *c = name; *c; c++) {
		hash = (hash << 4) + (unsigned char)*c;
		hash = (hash ^ (hash >> 24 & 0xf0)) & 0x0fffffff;
	}
	if (!buckets)
		return NULL;
	for (uint32_t i = bucket[hash % buckets]; i; i = chain[i])
		if ((found = symbol_at(s, i, name)))
			return found;
	return NULL;
}

void *symbols_find(const struct symbols *s, const char *name)
{
	return s->gnu_hash ? find_by_gnu_hash(s, name) : find_by_hash(s, name);
}
