#include "command_sites/servers/included_files.h"

#include <dirent.h>

#include "base/path.h"
#include "base/pattern.h"

enum { MOST_FILES = 256 };

static bool is_pattern(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (strchr("*?[{", s.at[i]))
			return true;
	return false;
}

bool each_included_file(const struct server_search *s, struct str folder,
			struct str pattern,
			void (*read)(void *context, struct str path),
			void *context)
{
	struct arena *a = s->files->arena;
	struct str path = path_below(a, folder, pattern);
	struct str base = str_base(path);
	const struct dirent *entry;
	size_t n = 0;
	DIR *d;

	if (!path.len || !base.len)
		return false;
	if (!is_pattern(path)) {
		read(context, path);
		return true;
	}
	folder = path_below(a, STR("/"), path_parent(path));
	d = is_pattern(folder) ? NULL : opendir(folder.at);
	if (!d)
		return false;
	while (n < MOST_FILES && (entry = readdir(d)))
		if (*entry->d_name != '.' &&
		    str_matches(str_of(entry->d_name), base)) {
			read(context,
			     path_below(a, folder, str_of(entry->d_name)));
			n++;
		}
	closedir(d);
	return n < MOST_FILES;
}
