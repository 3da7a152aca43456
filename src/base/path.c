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
