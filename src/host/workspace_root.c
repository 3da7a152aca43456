#include "host/workspace_root.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/path.h"

enum { MOST_LEVELS = 16 };

static bool is_marked(struct arena *a, struct str directory)
{
	static const char *const marks[] = {".git",
					    "package.json",
					    "pyproject.toml",
					    "setup.py",
					    "manage.py",
					    "Gemfile",
					    "composer.json",
					    "go.mod",
					    "Cargo.toml",
					    "pom.xml",
					    "build.gradle",
					    "Makefile",
					    "Dockerfile",
					    "compose.yaml",
					    "docker-compose.yml",
					    "Procfile",
					    "pnpm-workspace.yaml"};

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (!access(arena_print(a, "%.*s/%s", STR_FMT(directory),
					marks[i])
				    .at,
			    F_OK))
			return true;
	return false;
}

struct str workspace_root(struct arena *a, struct str directory)
{
	struct str root = directory, at = directory;
	const char *home = getenv("HOME");

	for (int level = 0; level < MOST_LEVELS && at.len > 1; level++) {
		if (home && str_eq(at, str_of(home)))
			break;
		if (is_marked(a, at))
			root = at;
		at = path_parent(at);
	}
	return root;
}
