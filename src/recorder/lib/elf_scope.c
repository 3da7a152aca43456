#include "recorder/lib/elf_scope.h"

#include <link.h>

#include "recorder/lib/elf_symbols.h"
#include "recorder/lib/str.h"

enum { DEPTH = 3 };

static bool is_us(const struct link_map *map)
{
	return map->l_ld == _DYNAMIC;
}

static const struct link_map *loaded(const char *name)
{
	const struct link_map *map = elf_maps();

	while (map && !str_equal(base_name(map->l_name), base_name(name)))
		map = map->l_next;
	return map;
}

static void *find_in(const struct link_map *map, const char *name)
{
	struct symbols s;

	return !is_us(map) && symbols_of(&s, map->l_ld, map->l_addr)
		       ? symbols_find(&s, name)
		       : NULL;
}

/* The objects named by DT_NEEDED are at `depth`; those above are looked into
 * first. */
static void *find_needed(const struct link_map *map, const char *name,
			 int depth)
{
	const struct link_map *needed;
	struct symbols s;
	void *found = NULL;

	if (!depth)
		return find_in(map, name);
	if (!symbols_of(&s, map->l_ld, map->l_addr))
		return NULL;
	for (const ElfW(Dyn) *d = map->l_ld; d->d_tag != DT_NULL && !found; d++)
		if (d->d_tag == DT_NEEDED &&
		    (needed = loaded(s.strings + d->d_un.d_val)))
			found = find_needed(needed, name, depth - 1);
	return found;
}

static const struct link_map *map_around(const void *at)
{
	const struct link_map *map = elf_maps();
	struct module m;

	if (!at || !elf_module(at, &m))
		return NULL;
	while (map && map->l_ld != m.dynamic)
		map = map->l_next;
	return map;
}

void *elf_in_scope_of(const void *at, const char *name)
{
	const struct link_map *map = map_around(at);
	void *found = NULL;

	for (int depth = 0; map && depth < DEPTH && !found; depth++)
		found = find_needed(map, name, depth);
	for (map = elf_maps(); map && !found; map = map->l_next)
		found = find_in(map, name);
	return found;
}
