#include "base/path.h"

bool path_is_below(struct str path, struct str folder)
{
	return folder.len > 1 && path.len > folder.len + 1 &&
	       !memcmp(path.at, folder.at, folder.len) &&
	       path.at[folder.len] == '/';
}

struct str path_behind(struct str path, struct str folder)
{
	size_t n = path_is_below(path, folder) ? folder.len + 1 : 0;

	return (struct str){path.at + n, path.len - n};
}

struct str path_parent(struct str path)
{
	while (path.len && path.at[path.len - 1] != '/')
		path.len--;
	return path.len > 1 ? (struct str){path.at, path.len - 1} : STR("/");
}

struct str path_from(struct arena *a, struct str folder, struct str path)
{
	struct str parent = path_parent(path), up = STR("");

	if (path_is_below(path, folder))
		return path_behind(path, folder);
	while (path_is_below(folder, parent)) {
		folder = path_parent(folder);
		up = arena_print(a, "../%.*s", STR_FMT(up));
	}
	if (!up.len || !str_eq(folder, parent))
		return path;
	return arena_print(a, "%.*s%.*s", STR_FMT(up), STR_FMT(str_base(path)));
}
