#include "command_sites/assignments.h"

#include "base/array.h"

/* The last assignment counts. */
void assignments_add(struct assignments *all, struct unexported found)
{
	if (!hashmap_find(all->wanted, NULL, found.name))
		return;
	assignments_remove(all, found.name);
	*ARRAY_ADD(all->files->arena, all->at, all->n, all->room) = found;
}

void assignments_export(struct assignments *all, struct str name)
{
	if (hashmap_find(all->wanted, NULL, name))
		*hashmap_slot(all->exported, NULL, name) = all;
}

void assignments_remove(struct assignments *all, struct str name)
{
	size_t kept = 0;

	for (size_t i = 0; i < all->n; i++)
		if (!str_eq(all->at[i].name, name))
			all->at[kept++] = all->at[i];
	all->n = kept;
}

void assignments_drop_exported(struct assignments *all)
{
	size_t kept = 0;

	for (size_t i = 0; i < all->n; i++)
		if (!hashmap_find(all->exported, NULL, all->at[i].name))
			all->at[kept++] = all->at[i];
	all->n = kept;
}
