#include "symbols/elfutils.h"

#if !__has_include(<elfutils/libdwfl.h>)

struct scope *elf_go_files(struct elf *elf)
{
	(void)elf;
	return NULL;
}

#else

#include <dwarf.h>

#include "base/hashmap.h"
#include "symbols/libdw.h"

struct go_files {
	struct elf *elf;
	struct hashmap *known; /* struct scope, by path */
	struct scope *first;
};

static struct scope *add_file(struct go_files *all, const char *path)
{
	struct scope **slot, *s;

	if (!path || *path != '/')
		return NULL;
	slot = (struct scope **)hashmap_slot(all->known, NULL, str_of(path));
	if (*slot)
		return *slot;
	*slot = s = TAKE(all->elf->arena, struct scope, 1);
	s->file = arena_print(all->elf->arena, "%s", path);
	s->outer = all->first;
	return all->first = s;
}

static void find_main(struct go_files *all, Dwarf_Die *unit, Dwarf_Files *files,
		      size_t n)
{
	Dwarf_Attribute attribute;
	Dwarf_Word file = 0;
	struct scope *s;
	Dwarf_Die die;

	if (dw.dwarf_child(unit, &die))
		return;
	do {
		const char *name = dw.dwarf_diename(&die);

		if (!name || strcmp(name, "main.main") ||
		    dw.dwarf_formudata(dw.dwarf_attr_integrate(&die,
							       DW_AT_decl_file,
							       &attribute),
				       &file) ||
		    file >= n)
			continue;
		s = add_file(all, dw.dwarf_filesrc(files, file, NULL, NULL));
		if (s)
			s->function = STR("main.main");
	} while (!dw.dwarf_siblingof(&die, &die));
}

static bool is_in_go(Dwarf_Die *unit)
{
	Dwarf_Attribute attribute;
	Dwarf_Word language = 0;

	return !dw.dwarf_formudata(
		       dw.dwarf_attr(unit, DW_AT_language, &attribute),
		       &language) &&
	       language == DW_LANG_Go;
}

static void add_unit(struct go_files *all, Dwarf_Die *unit)
{
	const char *name = dw.dwarf_diename(unit);
	Dwarf_Files *files;
	size_t n = 0;

	if (!is_in_go(unit) || dw.dwarf_getsrcfiles(unit, &files, &n))
		return;
	for (size_t i = 0; i < n; i++)
		add_file(all, dw.dwarf_filesrc(files, i, NULL, NULL));
	if (name && !strcmp(name, "main"))
		find_main(all, unit, files, n);
}

struct scope *elf_go_files(struct elf *e)
{
	struct go_files all = {.elf = e, .known = hashmap_new(e->arena)};
	Dwarf_Die *unit = NULL;
	Dwarf_Addr bias = 0;

	while ((unit = dw.dwfl_module_nextcu(e->module, unit, &bias)))
		add_unit(&all, unit);
	return all.first;
}

#endif
