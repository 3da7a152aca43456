#include "symbols/elfutils.h"

#include "symbols/symbols.h"

#if !__has_include(<elfutils/libdwfl.h>)

#pragma message "no elfutils headers: places in native code stay module and "  \
		"offset; scripts/setup build installs libdw-dev"

bool symbols_available(void)
{
	return false;
}

struct elf *elf_open(struct arena *arena, const struct object *object)
{
	(void)arena, (void)object;
	return NULL;
}

void elf_close(struct elf *elf)
{
	(void)elf;
}

struct scope *elf_scopes(struct elf *elf, uint64_t address)
{
	(void)elf, (void)address;
	return NULL;
}

#else

#include <dlfcn.h>
#include <dwarf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "symbols/debug_file.h"
#include "symbols/demangle.h"
#include "symbols/libdw.h"

struct libdw_functions dw;

/* Without DEBUGINFOD_URLS no report waits for the network. */
static bool load_libdw(void)
{
	static void *library;
	static const struct {
		const char *name;
		void **into;
	} wanted[] = {
#define ROW(function) {#function, (void **)&dw.function},
		LIBDW_FUNCTIONS(ROW)
#undef ROW
	};

	if (library)
		return dw.dwfl_begin;
	unsetenv("DEBUGINFOD_URLS");
	library = dlopen("libdw.so.1", RTLD_NOW | RTLD_LOCAL);
	for (size_t i = 0; library && i < sizeof wanted / sizeof *wanted; i++)
		if (!(*wanted[i].into = dlsym(library, wanted[i].name)))
			return dw.dwfl_begin = NULL, false;
	return library;
}

bool symbols_available(void)
{
	return load_libdw();
}

/* --- the file ------------------------------------------------------------- */

static struct str hex(struct arena *arena, const unsigned char *at, int n)
{
	char *digits = TAKE(arena, char, n > 0 ? 2 * (size_t)n + 1 : 1);

	for (int i = 0; i < n; i++)
		sprintf(digits + 2 * i, "%02x", at[i]);
	return str_of(digits);
}

/* A file without a build-id is believed when its last change is older than its
 * use. */
static bool is_the_object(const struct elf *e, const struct object *object,
			  const struct stat *st)
{
	const unsigned char *id = NULL;
	GElf_Addr address;
	int n = dw.dwfl_module_build_id(e->module, &id, &address);
	uint64_t changed = (uint64_t)st->st_ctim.tv_sec * 1000 +
			   (uint64_t)st->st_ctim.tv_nsec / 1000000;

	if (!object->by_time && (object->build.len || n > 0))
		return str_eq(object->build, hex(e->arena, id, n));
	return changed <= object->wall;
}

/* elfutils would open any path which the program gives as its debug file, or
 * the program's own path with .debug behind. */
static int find_debuginfo(Dwfl_Module *module, void **userdata,
			  const char *module_name, Dwarf_Addr base,
			  const char *file, const char *link, GElf_Word crc,
			  char **ret)
{
	const char *slash = file ? strrchr(file, '/') : NULL;
	char own[NAME_MAX + 8];

	if (!slash || (link && strchr(link, '/')))
		return -1;
	snprintf(own, sizeof own, "%s.debug", slash + 1);
	if (debug_file_is_special(file, (int)(slash - file), link ? link : own))
		return -1;
	return dw.dwfl_standard_find_debuginfo(module, userdata, module_name,
					       base, file, link, crc, ret);
}

static struct elf *open_as(struct arena *arena, const struct object *object,
			   const char *path)
{
	static const Dwfl_Callbacks *callbacks;
	struct elf *e = TAKE(arena, struct elf, 1);
	struct stat st;
	int fd = debug_file_open(path, &st);

	if (fd < 0)
		return NULL;
	if (!callbacks) {
		Dwfl_Callbacks *c = TAKE(arena, Dwfl_Callbacks, 1);

		c->find_debuginfo = find_debuginfo;
		c->section_address = dw.dwfl_offline_section_address;
		callbacks = c;
	}
	e->arena = arena;
	e->dwfl = dw.dwfl_begin(callbacks);
	dw.dwfl_report_begin(e->dwfl);
	e->module = dw.dwfl_report_elf(e->dwfl, path, path, fd, 0, true);
	dw.dwfl_report_end(e->dwfl, NULL, NULL);
	if (e->module && is_the_object(e, object, &st))
		return e;
	if (!e->module)
		close(fd);
	dw.dwfl_end(e->dwfl);
	return NULL;
}

struct elf *elf_open(struct arena *arena, const struct object *object)
{
	struct elf *e;

	if (!load_libdw())
		return NULL;
	e = open_as(arena, object, object->path);
	return e ? e
		 : open_as(arena, object,
			   debug_file_path(arena, object->build));
}

void elf_close(struct elf *e)
{
	if (e)
		dw.dwfl_end(e->dwfl);
}

/* --- an address ----------------------------------------------------------- */

/* A compilation unit, and the address as counted by the tables of the unit. */
struct spot {
	struct elf *elf;
	Dwarf_Die *unit;
	Dwarf_Addr address;
};

static const char *text_of(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attribute;

	return dw.dwarf_formstring(
		dw.dwarf_attr_integrate(die, name, &attribute));
}

static uint64_t number_of(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value = 0;

	if (dw.dwarf_formudata(dw.dwarf_attr(die, name, &attribute), &value))
		return 0;
	return value;
}

static struct str name_of(struct elf *e, Dwarf_Die *die)
{
	const char *name = text_of(die, DW_AT_linkage_name);

	if (!name)
		name = text_of(die, DW_AT_MIPS_linkage_name);
	if (!name)
		name = dw.dwarf_diename(die);
	return name ? demangle(e->arena, name) : STR("");
}

static void take_site(const struct spot *spot, const char *file, uint64_t line,
		      struct scope *s)
{
	const char *directory = text_of(spot->unit, DW_AT_comp_dir);

	if (!file || !line)
		return;
	if (*file == '/' || !directory || *directory != '/')
		s->file = arena_print(spot->elf->arena, "%s", file);
	else
		s->file =
			arena_print(spot->elf->arena, "%s/%s", directory, file);
	s->line = line;
}

/* The line of the machine code itself belongs to the innermost scope. */
static void take_line(const struct spot *spot, struct scope *s)
{
	Dwarf_Line *line = dw.dwarf_getsrc_die(spot->unit, spot->address);
	int number = 0;

	if (line && !dw.dwarf_lineno(line, &number) && number > 0)
		take_site(spot, dw.dwarf_linesrc(line, NULL, NULL),
			  (uint64_t)number, s);
}

/* The line at which `inlined` is called belongs to the scope around. */
static void take_call(const struct spot *spot, Dwarf_Die *inlined,
		      struct scope *s)
{
	uint64_t file = number_of(inlined, DW_AT_call_file);
	Dwarf_Files *files;
	size_t n = 0;

	if (!dw.dwarf_getsrcfiles(spot->unit, &files, &n) && file < n)
		take_site(spot, dw.dwarf_filesrc(files, file, NULL, NULL),
			  number_of(inlined, DW_AT_call_line), s);
}

enum { MAX_DEPTH = 64 };

static bool is_function(int tag)
{
	return tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine;
}

static bool is_block(int tag)
{
	return is_function(tag) || tag == DW_TAG_lexical_block ||
	       tag == DW_TAG_try_block || tag == DW_TAG_catch_block;
}

/* Scopes without code. Rust has functions inside of such scopes, and
 * dwarf_getscopes (0.188) skips them. */
static bool is_container(int tag)
{
	return tag == DW_TAG_namespace || tag == DW_TAG_module ||
	       tag == DW_TAG_structure_type || tag == DW_TAG_class_type ||
	       tag == DW_TAG_union_type || tag == DW_TAG_enumeration_type;
}

/* The functions around the address, outermost first. A function into which the
 * code was inlined is around the code. */
static size_t functions_around(const struct spot *spot, Dwarf_Die *parent,
			       Dwarf_Die found[MAX_DEPTH], size_t n,
			       unsigned depth)
{
	Dwarf_Die child;

	if (depth == MAX_DEPTH || dw.dwarf_child(parent, &child))
		return n;
	do {
		int tag = dw.dwarf_tag(&child);

		if (is_block(tag) &&
		    dw.dwarf_haspc(&child, spot->address) > 0) {
			if (is_function(tag))
				found[n++] = child;
			return functions_around(spot, &child, found, n,
						depth + 1);
		}
		if (is_container(tag)) {
			size_t within = functions_around(spot, &child, found, n,
							 depth + 1);

			if (within > n)
				return within;
		}
	} while (!dw.dwarf_siblingof(&child, &child));
	return n;
}

static struct scope *scopes_of(const struct spot *spot)
{
	Dwarf_Die function[MAX_DEPTH], *inlined = NULL;
	struct scope *innermost = NULL, **end = &innermost;
	size_t n = functions_around(spot, spot->unit, function, 0, 0);

	while (n--) {
		struct scope *s = TAKE(spot->elf->arena, struct scope, 1);

		*end = s;
		end = &s->outer;
		s->function = name_of(spot->elf, &function[n]);
		if (inlined)
			take_call(spot, inlined, s);
		else
			take_line(spot, s);
		if (dw.dwarf_tag(&function[n]) == DW_TAG_subprogram)
			break;
		inlined = &function[n];
	}
	return innermost;
}

/* The symbol whose range has the address. The nearest symbol before the address
 * may belong to another function, when the right symbol was stripped. */
static struct scope *scope_of_symbol(struct elf *e, uint64_t address)
{
	struct scope *s;
	GElf_Off offset;
	GElf_Sym symbol;
	const char *name = dw.dwfl_module_addrinfo(e->module, address, &offset,
						   &symbol, NULL, NULL, NULL);

	if (!name || !*name || offset >= symbol.st_size)
		return NULL;
	s = TAKE(e->arena, struct scope, 1);
	s->function = demangle(e->arena, name);
	return s;
}

/* Finds the unit by its table of addresses or, as clang makes no table, unit by
 * unit. */
static Dwarf_Die *unit_of(struct elf *e, uint64_t address, Dwarf_Addr *ret_bias)
{
	Dwarf_Die *unit = dw.dwfl_module_addrdie(e->module, address, ret_bias);

	if (unit)
		return unit;
	while ((unit = dw.dwfl_module_nextcu(e->module, unit, ret_bias)))
		if (dw.dwarf_haspc(unit, address - *ret_bias) > 0)
			return unit;
	return NULL;
}

struct scope *elf_scopes(struct elf *e, uint64_t address)
{
	struct spot spot = {.elf = e};
	struct scope *s = NULL;
	Dwarf_Addr bias = 0;

	spot.unit = unit_of(e, address, &bias);
	spot.address = address - bias;
	if (spot.unit)
		s = scopes_of(&spot);
	if (s)
		return s;
	s = scope_of_symbol(e, address);
	if (s && spot.unit)
		take_line(&spot, s);
	return s;
}

#endif
