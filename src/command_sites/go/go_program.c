#include "command_sites/go/go_program.h"

#include <unistd.h>

#include "base/path.h"
#include "base/read_file.h"
#include "base/safe_open.h"
#include "shared/source_owner.h"
#include "symbols/source_files.h"

enum { MOST_OWN_FILES = 2000, MOST_LIBRARY_FILES = 400 };

/* When the executable was written, in ms; 0: it is none of a user's that was
 * there at `wall`. */
static uint64_t built_at(const struct trace *t, struct str exe, uint64_t wall)
{
	struct resolved_path at;
	uint64_t written = 0;
	const char *why;

	if (!resolve_path(exe.at, true, &at, &why))
		return 0;
	if (at.is_there && S_ISREG(at.st.st_mode) &&
	    (trace_is_of(t, at.st.st_uid) || is_trusted(at.st.st_uid)) &&
	    is_unchanged_since(&at.st, wall))
		written = last_write_ms(&at.st);
	resolved_close(&at);
	return written;
}

static bool has_part(struct str path, struct str part)
{
	return memmem(path.at, path.len, part.at, part.len);
}

/* The directory of the main module; without go.mod, that of the file. */
static struct str module_of(struct arena *a, struct str main)
{
	struct str directory = path_parent(main);

	for (struct str at = directory; at.len > 1; at = path_parent(at))
		if (is_written_there(path_below(a, at, STR("go.mod"))))
			return at;
	return directory;
}

/* The directory in which Go's own packages lie. len 0: not known. */
static struct str library_of(const struct strs *files)
{
	static const struct str known = {"runtime/proc.go", 15};

	for (size_t i = 0; i < files->n; i++)
		if (str_has_suffix(files->at[i], known))
			return (struct str){files->at[i].at,
					    files->at[i].len - known.len};
	return (struct str){NULL, 0};
}

static bool is_below(struct str path, struct str directory)
{
	return path.len > directory.len && str_has_prefix(path, directory) &&
	       path.at[directory.len] == '/';
}

static bool is_own(struct str path, struct str module)
{
	return is_below(path, module) && !has_part(path, STR("/pkg/mod/")) &&
	       find_source_owner(path.at, path.len).owner == SOURCE_OWN;
}

/* These pass on what they are given. */
static bool is_of_system(struct str path)
{
	return has_part(path, STR("/golang.org/x/sys")) ||
	       str_eq(str_base(path), STR("_cgo_gotypes.go"));
}

static bool starts_programs(const struct go_lines *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		if (!lines->at[i].is_doubtful)
			return true;
	return lines->has_unknown || lines->is_cut;
}

static bool read_own(struct written_files *files, struct str path,
		     uint64_t built, struct go_program *p)
{
	struct str text = read_written_before(files, path, built);

	if (text.len)
		go_lines_add(&p->lines, path, text);
	return text.len && !p->lines.is_cut;
}

static void read_library(struct written_files *files, struct str path,
			 uint64_t built, struct go_program *p)
{
	struct go_lines lines = {.arena = files->arena};
	struct str text = read_written_before(files, path, built);

	if (text.len)
		go_lines_add(&lines, path, text);
	p->has_others = !text.len || starts_programs(&lines);
}

static void read_sources(struct written_files *files,
			 const struct source_files *sources, uint64_t built,
			 struct go_program *p)
{
	struct str module = module_of(files->arena, sources->main);
	struct str library = library_of(&sources->all);
	size_t own = 0, others = 0;

	p->has_others = !library.len;
	for (size_t i = 0; i < sources->all.n; i++) {
		struct str path = sources->all.at[i];

		if (!is_own(path, module)) {
			if (p->has_others || is_of_system(path) ||
			    str_has_prefix(path, library))
				continue;
			if (++others > MOST_LIBRARY_FILES)
				p->has_others = true;
			else
				read_library(files, path, built, p);
			continue;
		}
		if (!read_own(files, path, built, p) ||
		    ++own > MOST_OWN_FILES) {
			p->lines.n = 0;
			return;
		}
	}
}

struct go_program *go_program_read(struct written_files *files, struct str exe,
				   uint64_t wall)
{
	struct arena *a = files->arena;
	struct go_program *p = TAKE(a, struct go_program, 1);
	uint64_t built = built_at(files->trace, exe, wall);
	struct source_files sources;

	p->lines.arena = a;
	if (!built)
		return p;
	sources = go_source_files(a, exe.at, wall);
	if (sources.main.len)
		read_sources(files, &sources, built, p);
	return p;
}
