#include "symbols/source_files.h"

#include "base/array.h"
#include "symbols/symbol_process.h"

struct source_files go_source_files(struct arena *a, const char *path,
				    uint64_t wall)
{
	const struct object object = {
		.path = path, .wall = wall, .by_time = true};
	struct location question = {.object = &object, .asks_for_files = true};
	struct location *const questions[] = {&question};
	struct source_files files = {0};
	size_t room = 0;

	symbol_process_resolve(a, questions, 1);
	for (const struct scope *s = question.scopes; s; s = s->outer) {
		struct str file = arena_print(a, "%.*s", STR_FMT(s->file));

		*ARRAY_ADD(a, files.all.at, files.all.n, room) = file;
		if (s->function.len)
			files.main = file;
	}
	return files;
}
