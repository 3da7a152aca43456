#include "host/default_trace.h"

#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/file_rights.h"
#include "shared/settings_text.h"

bool is_private_directory(const char *dir)
{
	struct stat st;

	return !lstat(dir, &st) && is_directory_of(&st, geteuid());
}

const char *newest_trace_beside(struct arena *arena, const char *dir)
{
	const char *newest = NULL;
	time_t when = 0;
	struct stat st;
	glob_t found;

	if (glob(arena_print(arena, "%s.????????????????", dir).at, 0, NULL,
		 &found))
		return NULL;
	for (size_t i = 0; i < found.gl_pathc; i++)
		if (is_private_directory(found.gl_pathv[i]) &&
		    !lstat(found.gl_pathv[i], &st) && st.st_mtime >= when) {
			newest = found.gl_pathv[i];
			when = st.st_mtime;
		}
	newest = newest ? arena_print(arena, "%s", newest).at : NULL;
	globfree(&found);
	return newest;
}

const char *default_trace_directory(struct arena *arena)
{
	const char *tmp = getenv("TMPDIR");

	if (!tmp || *tmp != '/' || !setting_can_hold(tmp) || access(tmp, F_OK))
		tmp = "/tmp";
	return arena_print(arena, "%s/keytrail-%u", tmp, geteuid()).at;
}

/* The directory named by KEYTRAIL, or null. */
static const char *named_directory(struct arena *arena)
{
	const char *settings = getenv("KEYTRAIL"), *dir = NULL;
	struct setting s;

	while (settings && setting_next(&settings, &s))
		if (s.id == SETTING_DIR)
			dir = arena_print(arena, "%.*s", (int)(s.end - s.at),
					  s.at)
				      .at;
	return dir;
}

/* The directory used without KEYTRAIL. */
static const char *usual_directory(struct arena *arena)
{
	const char *dir = default_trace_directory(arena), *beside = NULL;

	if (!is_private_directory(dir))
		beside = newest_trace_beside(arena, dir);
	return beside ? beside : dir;
}

const char *preloaded_trace_directory(struct arena *arena)
{
	const char *named = named_directory(arena);

	return named ? named : usual_directory(arena);
}
