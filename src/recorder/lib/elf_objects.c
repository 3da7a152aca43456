#include "recorder/lib/elf_objects.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/mman.h>

#include "recorder/lib/elf_symbols.h"
#include "recorder/lib/syscall.h"
#include "recorder/lib/str.h"

enum { MODULES = 48, PAGE = 4096 };

/* Of glibc: the list of loaded objects. Of musl: the address where musl
 * announces such a list. */
extern struct r_debug _r_debug __attribute__((weak));
extern const struct r_debug *_dl_debug_addr __attribute__((weak));
/* Declared as in <dlfcn.h> of glibc 2.35, under other names: older headers lack
 * the declarations. */
struct found_object {
	unsigned long long flags;
	void *start, *end;
	struct link_map *map;
	void *eh_frame;
	unsigned long long reserved[7];
};
extern int find_object(void *, struct found_object *) __asm__("_dl_find_object")
	__attribute__((weak));
extern int dl_iterate_phdr(int (*)(struct dl_phdr_info *, size_t, void *),
			   void *) __attribute__((weak));

static const char *exec_name;
static const void *vdso;
static const uint64_t *random_bytes;
static bool is_by_hand; /* see elf_is_by_hand */

/* Of the main program. */
static const ElfW(Phdr) * program_headers;
static size_t program_header_count;

/* See elf_module. */
static struct module *modules;
static size_t module_count;

/* The first object is the main program. Its headers are found here even when
 * musl's loader was started by hand: the auxiliary vector then has the headers
 * of the loader. */
static int on_module(struct dl_phdr_info *info, size_t size, void *unused)
{
	struct module *m = &modules[module_count];

	(void)size, (void)unused;
	*m = (struct module){module_count ? info->dlpi_name : "",
			     info->dlpi_addr, UINTPTR_MAX, 0, NULL};
	if (!module_count) {
		program_headers = info->dlpi_phdr;
		program_header_count = info->dlpi_phnum;
	}
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t from = info->dlpi_addr + p->p_vaddr;

		if (p->p_type == PT_DYNAMIC)
			m->dynamic = (const void *)from;
		if (p->p_type != PT_LOAD)
			continue;
		m->from = from < m->from ? from : m->from;
		m->to = from + p->p_memsz > m->to ? from + p->p_memsz : m->to;
	}
	return ++module_count == MODULES;
}

static void read_auxiliary(const ElfW(auxv_t) * a)
{
	for (; a->a_type != AT_NULL; a++)
		switch (a->a_type) {
		case AT_PHDR:
			program_headers = (const void *)a->a_un.a_val;
			break;
		case AT_PHNUM:
			program_header_count = a->a_un.a_val;
			break;
		case AT_BASE: /* the loader chosen by the kernel */
			is_by_hand = !a->a_un.a_val;
			break;
		case AT_EXECFN:
			exec_name = (const char *)a->a_un.a_val;
			break;
		case AT_SYSINFO_EHDR:
			vdso = (const void *)a->a_un.a_val;
			break;
		case AT_RANDOM:
			random_bytes = (const uint64_t *)a->a_un.a_val;
			break;
		}
}

void elf_start(char *const *envp)
{
	while (envp && *envp)
		envp++;
	if (envp)
		read_auxiliary((const void *)(envp + 1));
	if (!find_object && dl_iterate_phdr && !modules)
		modules = sys_memory(MODULES * sizeof *modules);
	if (modules && !module_count)
		dl_iterate_phdr(on_module, NULL);
}

static const struct link_map *first_map(void)
{
	if (&_r_debug)
		return _r_debug.r_map;
	return &_dl_debug_addr ? _dl_debug_addr->r_map : NULL;
}

const struct link_map *elf_maps(void)
{
	return first_map();
}

static const struct link_map *own_map(void)
{
	const struct link_map *map = first_map();

	while (map && map->l_ld != _DYNAMIC)
		map = map->l_next;
	return map;
}

/* The value of an IFUNC is a resolver, not the function. No function wanted
 * here is an IFUNC. */
/* True when nothing is missing any more. */
static bool find_in(const struct symbols *s, const struct wanted *wanted,
		    size_t count, void **found)
{
	size_t missing = 0;

	for (size_t i = 0; i < count; i++) {
		void **place = &found[wanted[i].place];

		if (!*place)
			*place = symbols_find(s, wanted[i].name);
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

void elf_after_us(const struct wanted *wanted, size_t count, void **found)
{
	const struct link_map *map = own_map();

	find_from(map ? map->l_next : NULL, wanted, count, found);
}

bool elf_anywhere(const struct wanted *wanted, size_t count, void **found)
{
	return find_from(first_map(), wanted, count, found);
}

void *elf_symbol(const char *name)
{
	struct symbols s;
	void *found = NULL;

	for (const struct link_map *map = first_map(); map && !found;
	     map = map->l_next)
		if (symbols_of(&s, map->l_ld, map->l_addr))
			found = symbols_find(&s, name);
	return found;
}

bool elf_symbols(const char *names, void **found)
{
	for (; *names; names += str_length(names) + 1)
		if (!(*found++ = elf_symbol(names)))
			return false;
	return true;
}

void *elf_in(const struct module *m, const char *name)
{
	struct symbols s;

	return symbols_of(&s, m->dynamic, m->base) ? symbols_find(&s, name)
						   : NULL;
}

const char *elf_own_path(void)
{
	const struct link_map *map = own_map();

	return map ? map->l_name : NULL;
}

bool elf_is_by_hand(void)
{
	return is_by_hand;
}

const void *elf_program(void)
{
	const struct link_map *map = first_map();

	return map ? map->l_ld : NULL;
}

const uint64_t *elf_random(void)
{
	return random_bytes;
}

const char *elf_exec_name(void)
{
	return exec_name;
}

/* _dl_find_object (glibc 2.35) is safe in signal handlers. Elsewhere only
 * objects loaded at the start are known: walking the loader's list reads freed
 * memory when another thread unloads an object. */
bool elf_module(const void *address, struct module *ret)
{
	uintptr_t at = (uintptr_t)address;
	struct found_object found;

	if (find_object) {
		if (find_object((void *)at, &found))
			return false;
		*ret = (struct module){found.map->l_name, found.map->l_addr,
				       (uintptr_t)found.start,
				       (uintptr_t)found.end, found.map->l_ld};
		return true;
	}
	for (const struct module *m = modules; m < modules + module_count; m++)
		if (at >= m->from && at < m->to) {
			*ret = *m;
			return true;
		}
	return false;
}

/* The program headers behind an ELF header, when the first page holds all of
 * the headers. Headers elsewhere in the file may not be in memory. */
static const ElfW(Phdr) *
	headers_behind(const ElfW(Ehdr) * header, size_t *ret_count)
{
	if (!bytes_equal((const char *)header->e_ident, ELFMAG, SELFMAG) ||
	    header->e_phoff > PAGE || header->e_phoff % 8 ||
	    header->e_phoff + header->e_phnum * sizeof(ElfW(Phdr)) > PAGE)
		return NULL;
	*ret_count = header->e_phnum;
	return (const void *)((const char *)header + header->e_phoff);
}

/* The parts of the main program may have holes between each other. `from` is
 * then the start of the part around the address in question. */
static const ElfW(Phdr) * headers_of(const struct module *m, size_t *ret_count)
{
	if (!*m->name && program_headers) {
		*ret_count = program_header_count;
		return program_headers;
	}
	return m->to - m->from < PAGE
		       ? NULL
		       : headers_behind((const void *)m->from, ret_count);
}

bool elf_in_all(const struct module *module, const char *names, void **found)
{
	for (; *names; names += str_length(names) + 1)
		if (!(*found++ = elf_in(module, names)))
			return false;
	return true;
}

void *elf_in_vdso(const char *name)
{
	struct module m = {.base = (uintptr_t)vdso};
	const ElfW(Phdr) * phdr;
	uintptr_t dynamic = 0;
	size_t count = 0;

	phdr = vdso ? headers_behind(vdso, &count) : NULL;
	for (; count; count--, phdr++) {
		if (phdr->p_type == PT_LOAD && !phdr->p_offset)
			m.base = (uintptr_t)vdso - phdr->p_vaddr;
		if (phdr->p_type == PT_DYNAMIC)
			dynamic = phdr->p_vaddr;
	}
	m.dynamic = dynamic ? (const void *)(m.base + dynamic) : NULL;
	return elf_in(&m, name);
}

static const char *part_of(const struct module *m, const ElfW(Phdr) * part)
{
	uintptr_t at = m->base + part->p_vaddr;
	struct module there = *m;

	if (at - m->from >= m->to - m->from &&
	    (!elf_module((const void *)at, &there) || there.name != m->name))
		return NULL;
	return part->p_memsz <= there.to - at ? (const char *)at : NULL;
}

/* Number of readable bytes in memory from the start of a part. 0 for a part
 * without PT_LOAD around the part, whatever address the header has: notes may
 * be left out of memory. */
static size_t readable_from(const ElfW(Phdr) * headers, size_t count,
			    const ElfW(Phdr) * part)
{
	for (const ElfW(Phdr) *p = headers; p < headers + count; p++)
		if (p->p_type == PT_LOAD && p->p_flags & PF_R &&
		    part->p_vaddr - p->p_vaddr < p->p_memsz)
			return p->p_memsz - (part->p_vaddr - p->p_vaddr);
	return 0;
}

const void *elf_part(const struct module *m, uint32_t kind, size_t *ret_size)
{
	size_t count = 0;
	const ElfW(Phdr) *headers = headers_of(m, &count);

	for (const ElfW(Phdr) *p = headers; p < headers + count; p++)
		if (p->p_type == kind) {
			*ret_size = readable_from(headers, count, p);
			return *ret_size ? part_of(m, p) : NULL;
		}
	return NULL;
}

static size_t on_in(const char *at, size_t size, const char wanted[4],
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
		    bytes_equal(at + sizeof *note, wanted, 4)) {
			*ret = (const uint8_t *)at + sizeof *note + name;
			return note->n_descsz;
		}
		at += sizeof *note + name + value;
		size -= sizeof *note + name + value;
	}
	return 0;
}

/* Many objects have two parts of notes, aligned to 4 and to 8. The linker's
 * notes are in the first kind. 0: no readable part of the first kind. */
static size_t notes_size(const ElfW(Phdr) * headers, size_t count,
			 const ElfW(Phdr) * part)
{
	size_t size = part->p_type == PT_NOTE && part->p_align <= 4
			      ? readable_from(headers, count, part)
			      : 0;

	return size < part->p_memsz ? size : part->p_memsz;
}

size_t elf_build_id(const struct module *m, const uint8_t **ret)
{
	size_t count = 0, n = 0;
	const ElfW(Phdr) *headers = headers_of(m, &count);

	for (size_t i = 0; i < count && !n; i++) {
		size_t size = notes_size(headers, count, &headers[i]);
		const char *at = size ? part_of(m, &headers[i]) : NULL;

		if (at)
			n = on_in(at, size, "GNU", NT_GNU_BUILD_ID, ret);
	}
	return n <= BUILD_ID_BYTES ? n : 0;
}

bool elf_program_is_go(void)
{
	enum { GO_BUILD_ID = 4 };
	const ElfW(Phdr) *headers = program_headers;
	const struct link_map *program = first_map();
	const uint8_t *id;

	for (size_t i = 0; program && i < program_header_count; i++) {
		size_t size =
			notes_size(headers, program_header_count, &headers[i]);

		if (on_in((const char *)program->l_addr + headers[i].p_vaddr,
			  size, "Go\0", GO_BUILD_ID, &id))
			return true;
	}
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

int elf_protection(const void *at)
{
	const ElfW(Phdr) * headers;
	struct module m;
	size_t count;

	if (!elf_module(at, &m) || !(headers = headers_of(&m, &count)))
		return -1;
	return protection_in(headers, count, (uintptr_t)at - m.base);
}
