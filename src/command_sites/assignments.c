#include "command_sites/assignments.h"

#include "base/array.h"
#include "trace/site.h"

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
		if (all->at[i].local_at.len ||
		    !hashmap_find(all->exported, NULL, all->at[i].name))
			all->at[kept++] = all->at[i];
	all->n = kept;
}

/* --- names that a function makes local -------------------------------------
 */

void assignments_export_value(struct assignments *all, struct str name)
{
	*hashmap_slot(all->valued, NULL, name) = all;
}

void assignments_add_local(struct assignments *all, struct unexported found)
{
	if (hashmap_find(all->wanted, NULL, found.name))
		*ARRAY_ADD(all->files->arena, all->local, all->n_local,
			   all->local_room) = found;
}

static struct unexported *find_added(struct assignments *all, struct str name)
{
	for (size_t i = 0; i < all->n; i++)
		if (str_eq(all->at[i].name, name))
			return &all->at[i];
	return NULL;
}

/* The function reads a file some lines below `local NAME`. */
static bool is_read_into(const struct unexported *file,
			 const struct unexported *local)
{
	const unsigned long most_lines = 10;
	unsigned long read = site_line(file->read_at),
		      line = site_line(local->local_at);

	return read >= line && read - line <= most_lines &&
	       str_eq(site_file(file->read_at), site_file(local->local_at));
}

void assignments_join_local(struct assignments *all)
{
	for (size_t i = 0; i < all->n_local; i++) {
		const struct unexported *local = &all->local[i];
		struct unexported *added = find_added(all, local->name);

		if (hashmap_find(all->valued, NULL, local->name))
			continue;
		if (!added)
			*ARRAY_ADD(all->files->arena, all->at, all->n,
				   all->room) = *local;
		else if (is_read_into(added, local))
			added->local_at = local->local_at;
	}
}

void assignments_join_held(struct assignments *all)
{
	for (size_t i = 0; i < all->n_held; i++) {
		const struct unexported *held = &all->held[i];

		if ((held->exported_at.len || held->removed_at.len) &&
		    !find_added(all, held->name))
			*ARRAY_ADD(all->files->arena, all->at, all->n,
				   all->room) = *held;
	}
}
