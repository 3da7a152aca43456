#include "recorder/loaded.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/mman.h>

#include "recorder/sys.h"
#include "recorder/text.h"

enum { MODULES = 48, PAGE = 4096 };

extern struct r_debug _r_debug __attribute__((weak));
/* As <dlfcn.h> of glibc 2.35 has them, under names of our own: older headers
 * do not know them. */
struct found_object {
	unsigned long long flags;
	void *start, *end;
	struct link_map *map;
	void *eh_frame;
	unsigned long long reserved[7];
};
extern int find_object(void *, struct found_object *)
	__asm__("_dl_find_object") __attribute__((weak));
extern int dl_iterate_phdr(int (*)(struct dl_phdr_info *, size_t, void *),
			   void *) __attribute__((weak));

static const struct r_debug *debug;
static const char *exec_name;
static const void *vdso;
static const uint64_t *random_bytes;
static const ElfW(Phdr) *program_headers; /* of the main program */
static size_t program_header_count;
static struct module *modules; /* see loaded_module */
static size_t module_count;

/* What the addresses in a program's headers are moved by. */
static uintptr_t base_of(const ElfW(Phdr) *phdr, size_t count)
{
	uintptr_t base = 0;

	for (size_t i = 0; i < count; i++)
		if (phdr[i].p_type == PT_PHDR)
			base = (uintptr_t)phdr - phdr[i].p_vaddr;
	return base;
}

/* musl, and a glibc without _r_debug in sight: DT_DEBUG of the main program. */
static const struct r_debug *debug_of(const ElfW(Phdr) *phdr, size_t count)
{
	uintptr_t base = base_of(phdr, count);
	const ElfW(Dyn) *dyn = NULL;

	for (size_t i = 0; i < count; i++)
		if (phdr[i].p_type == PT_DYNAMIC)
			dyn = (const ElfW(Dyn) *)(base + phdr[i].p_vaddr);
	for (; dyn && dyn->d_tag != DT_NULL; dyn++)
		if (dyn->d_tag == DT_DEBUG)
			return (const struct r_debug *)dyn->d_un.d_ptr;
	return NULL;
}

static int note_module(struct dl_phdr_info *info, size_t size, void *unused)
{
	struct module *m = &modules[module_count];

	(void)size, (void)unused;
	*m = (struct module){info->dlpi_name, info->dlpi_addr, UINTPTR_MAX, 0};
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t from = info->dlpi_addr + p->p_vaddr;

		if (p->p_type != PT_LOAD)
			continue;
		m->from = from < m->from ? from : m->from;
		m->to = from + p->p_memsz > m->to ? from + p->p_memsz : m->to;
	}
	return ++module_count == MODULES;
}

void loaded_start(char *const *envp)
{
	while (envp && *envp)
		envp++;
	for (const ElfW(auxv_t) *a = envp ? (const void *)(envp + 1) : NULL;
	     a && a->a_type != AT_NULL; a++) {
		if (a->a_type == AT_PHDR)
			program_headers = (const void *)a->a_un.a_val;
		else if (a->a_type == AT_PHNUM)
			program_header_count = a->a_un.a_val;
		else if (a->a_type == AT_EXECFN)
			exec_name = (const char *)a->a_un.a_val;
		else if (a->a_type == AT_SYSINFO_EHDR)
			vdso = (const void *)a->a_un.a_val;
		else if (a->a_type == AT_RANDOM)
			random_bytes = (const uint64_t *)a->a_un.a_val;
	}
	if (!&_r_debug && program_headers)
		debug = debug_of(program_headers, program_header_count);
	if (!find_object && dl_iterate_phdr && !modules)
		modules = sys_memory(MODULES * sizeof *modules);
	if (modules && !module_count)
		dl_iterate_phdr(note_module, NULL);
}

static const struct link_map *first_map(void)
{
	if (&_r_debug)
		return _r_debug.r_map;
	return debug ? debug->r_map : NULL;
}

static const struct link_map *own_map(void)
{
	const struct link_map *map = first_map();

	while (map && map->l_ld != _DYNAMIC)
		map = map->l_next;
	return map;
}

/* The tables of one object that a lookup needs. */
struct symbols {
	const ElfW(Sym) *sym;
	const char *strings;
	const uint32_t *gnu_hash, *hash;
	const ElfW(Versym) *versions;
	uintptr_t base;
};

/* glibc relocates the addresses of a dynamic section in place, musl and the
 * vDSO do not: an address below the base is an offset. */
static const void *at_base(uintptr_t base, uintptr_t address)
{
	return (const void *)(address < base ? base + address : address);
}

static bool symbols_of(struct symbols *s, const ElfW(Dyn) *dyn, uintptr_t base)
{
	*s = (struct symbols){.base = base};
	for (; dyn && dyn->d_tag != DT_NULL; dyn++) {
		const void *at = at_base(base, dyn->d_un.d_ptr);

		if (dyn->d_tag == DT_SYMTAB)
			s->sym = at;
		else if (dyn->d_tag == DT_STRTAB)
			s->strings = at;
		else if (dyn->d_tag == DT_GNU_HASH)
			s->gnu_hash = at;
		else if (dyn->d_tag == DT_HASH)
			s->hash = at;
		else if (dyn->d_tag == DT_VERSYM)
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
	    !same_text(s->strings + sym->st_name, name))
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
	if (!buckets || bucket[hash % buckets] < first)
		return NULL;
	for (uint32_t i = bucket[hash % buckets];; i++) {
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
	for (uint32_t i = bucket[hash % buckets]; i; i = chain[i])
		if ((found = symbol_at(s, i, name)))
			return found;
	return NULL;
}

static void *find(const struct symbols *s, const char *name)
{
	return s->gnu_hash ? find_by_gnu_hash(s, name) : find_by_hash(s, name);
}

/* An IFUNC's value is a resolver, not the function: none of ours is one. */
/* True when nothing is missing any more. */
static bool find_in(const struct symbols *s, const struct wanted *wanted,
		    size_t count, void **found)
{
	size_t missing = 0;

	for (size_t i = 0; i < count; i++) {
		void **place = &found[wanted[i].place];

		if (!*place)
			*place = find(s, wanted[i].name);
		missing += !*place;
	}
	return !missing;
}

static bool find_from(const struct link_map *map, const struct wanted *wanted,
		      size_t count, void **found)
{
	struct symbols s;

	for (; map; map = map->l_next)
		if (symbols_of(&s, map->l_ld, map->l_addr) &&
		    find_in(&s, wanted, count, found))
			return true;
	return false;
}

void loaded_after_us(const struct wanted *wanted, size_t count, void **found)
{
	const struct link_map *map = own_map();

	find_from(map ? map->l_next : NULL, wanted, count, found);
}

bool loaded_anywhere(const struct wanted *wanted, size_t count, void **found)
{
	return find_from(first_map(), wanted, count, found);
}

void *loaded_symbol(const char *name)
{
	struct symbols s;
	void *found = NULL;

	for (const struct link_map *map = first_map(); map && !found;
	     map = map->l_next)
		if (symbols_of(&s, map->l_ld, map->l_addr))
			found = find(&s, name);
	return found;
}

void *loaded_in(const void *elf_header, const char *name)
{
	const ElfW(Ehdr) *header = elf_header;
	const ElfW(Phdr) *phdr = (const void *)((const char *)header +
						header->e_phoff);
	uintptr_t base = (uintptr_t)header, dyn = 0;
	struct symbols s;

	for (size_t i = 0; i < header->e_phnum; i++) {
		if (phdr[i].p_type == PT_LOAD && !phdr[i].p_offset)
			base = (uintptr_t)header - phdr[i].p_vaddr;
		if (phdr[i].p_type == PT_DYNAMIC)
			dyn = phdr[i].p_vaddr;
	}
	if (!dyn || !symbols_of(&s, (const void *)(base + dyn), base))
		return NULL;
	return find(&s, name);
}

const char *loaded_own_path(void)
{
	const struct link_map *map = own_map();

	return map ? map->l_name : NULL;
}

const void *loaded_vdso(void)
{
	return vdso;
}

const uint64_t *loaded_random(void)
{
	return random_bytes;
}

const char *loaded_exec_name(void)
{
	return exec_name;
}

/* _dl_find_object (glibc 2.35) is made for signal handlers. Elsewhere only
 * what was loaded at the start is named: walking the loader's list while
 * another thread unloads something reads freed memory. */
bool loaded_module(const void *address, struct module *ret)
{
	uintptr_t at = (uintptr_t)address;
	struct found_object found;

	if (find_object) {
		if (find_object((void *)at, &found))
			return false;
		*ret = (struct module){found.map->l_name, found.map->l_addr,
				       (uintptr_t)found.start,
				       (uintptr_t)found.end};
		return true;
	}
	for (const struct module *m = modules; m < modules + module_count; m++)
		if (at >= m->from && at < m->to) {
			*ret = *m;
			return true;
		}
	return false;
}

const void *loaded_header(const void *address)
{
	struct module m;

	return loaded_module(address, &m) &&
			       same_bytes((const char *)m.from, ELFMAG, SELFMAG)
		       ? (const void *)m.from
		       : NULL;
}

/* The main program's may have holes between its parts: then `from` is where the
 * part in question begins. Of others the first page has all headers. */
static const ElfW(Phdr) *headers_of(const struct module *m, size_t *ret_count)
{
	const ElfW(Ehdr) *header = (const void *)m->from;

	if (!*m->name && program_headers) {
		*ret_count = program_header_count;
		return program_headers;
	}
	if (m->to - m->from < PAGE ||
	    !same_bytes((const char *)header->e_ident, ELFMAG, SELFMAG) ||
	    header->e_phoff > PAGE ||
	    header->e_phoff + header->e_phnum * sizeof(ElfW(Phdr)) > PAGE)
		return NULL;
	*ret_count = header->e_phnum;
	return (const void *)(m->from + header->e_phoff);
}

static const char *part_of(const struct module *m, const ElfW(Phdr) *part)
{
	uintptr_t at = m->base + part->p_vaddr;
	struct module there = *m;

	if (at - m->from >= m->to - m->from &&
	    (!loaded_module((const void *)at, &there) || there.name != m->name))
		return NULL;
	return part->p_memsz <= there.to - at ? (const char *)at : NULL;
}

static size_t mapped_from(const ElfW(Phdr) *headers, size_t count,
			  const ElfW(Phdr) *part)
{
	for (const ElfW(Phdr) *p = headers; p < headers + count; p++)
		if (p->p_type == PT_LOAD &&
		    part->p_vaddr - p->p_vaddr < p->p_memsz)
			return p->p_memsz - (part->p_vaddr - p->p_vaddr);
	return 0;
}

const void *loaded_part(const struct module *m, uint32_t kind, size_t *ret_size)
{
	size_t count = 0;
	const ElfW(Phdr) *headers = headers_of(m, &count);

	for (const ElfW(Phdr) *p = headers; p < headers + count; p++)
		if (p->p_type == kind) {
			*ret_size = mapped_from(headers, count, p);
			return part_of(m, p);
		}
	return NULL;
}

static size_t note_in(const char *at, size_t size, const char wanted[4],
		      uint32_t type, const uint8_t **ret)
{
	const ElfW(Nhdr) *note = (const void *)at;
	size_t name, value;

	for (; size > sizeof *note; note = (const void *)at) {
		name = (note->n_namesz + 3ul) & ~3ul;
		value = (note->n_descsz + 3ul) & ~3ul;
		if (name + value > size - sizeof *note)
			return 0;
		if (note->n_type == type && name == 4 &&
		    same_bytes(at + sizeof *note, wanted, 4)) {
			*ret = (const uint8_t *)at + sizeof *note + name;
			return note->n_descsz;
		}
		at += sizeof *note + name + value;
		size -= sizeof *note + name + value;
	}
	return 0;
}

/* There are often two parts of notes, aligned to 4 and to 8; in the second is
 * none of the linker's. */
size_t loaded_build_id(const struct module *m, const uint8_t **ret)
{
	size_t count = 0, n = 0;
	const ElfW(Phdr) *part = headers_of(m, &count);

	for (; count && !n; count--, part++) {
		const char *at = part->p_type == PT_NOTE ? part_of(m, part)
							 : NULL;

		if (at && part->p_align <= 4)
			n = note_in(at, part->p_memsz, "GNU", NT_GNU_BUILD_ID,
				    ret);
	}
	return n <= BUILD_ID_BYTES ? n : 0;
}

bool loaded_program_is_go(void)
{
	enum { GO_BUILD_ID = 4 };
	const ElfW(Phdr) *headers = program_headers;
	uintptr_t base = base_of(headers, program_header_count);
	const uint8_t *id;

	for (size_t i = 0; i < program_header_count; i++)
		if (headers[i].p_type == PT_NOTE && headers[i].p_align <= 4 &&
		    note_in((const char *)base + headers[i].p_vaddr,
			    headers[i].p_memsz, "Go\0", GO_BUILD_ID, &id))
			return true;
	return false;
}

static int protection_in(const ElfW(Phdr) * phdr, size_t count,
			 uintptr_t offset)
{
	int protection = -1;

	for (const ElfW(Phdr) *p = phdr; p < phdr + count; p++) {
		if (offset - p->p_vaddr >= p->p_memsz)
			continue;
		if (p->p_type == PT_GNU_RELRO && /* whole pages only */
		    offset < ((p->p_vaddr + p->p_memsz) & ~UINT64_C(4095)))
			return PROT_READ;
		if (p->p_type == PT_LOAD)
			protection = (p->p_flags & PF_R ? PROT_READ : 0) |
				     (p->p_flags & PF_W ? PROT_WRITE : 0) |
				     (p->p_flags & PF_X ? PROT_EXEC : 0);
	}
	return protection;
}

int loaded_protection(const void *at)
{
	const ElfW(Phdr) *headers;
	struct module m;
	size_t count;

	if (!loaded_module(at, &m) || !(headers = headers_of(&m, &count)))
		return -1;
	return protection_in(headers, count, (uintptr_t)at - m.base);
}
