#include "commands/env_file_late_look.h"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "commands/env_file_events.h"
#include "commands/run/run_events.h"
#include "commands/trace_key.h"

struct facts {
	struct arena *arena;
	struct trace *to;
	bool is_folded;
	unsigned source;
	struct trace recorded; /* the events of the source, sorted */
	uint8_t key[KEY_BYTES];
};

/* ---- is there anything to look at? ----------------------------------------
 */

/* The last time at which `keytrail run` looked at files. */
static uint64_t last_look(const struct trace *t)
{
	uint64_t last = 0;

	for (size_t i = 0; i < t->n; i++)
		if (t->events[i].kind == KT_RAN && t->events[i].t > last)
			last = t->events[i].t;
	return last;
}

/* A program went on after the command of `keytrail run` had ended, or recorded
 * without. */
static bool is_look_due(const struct trace *t)
{
	uint64_t last = last_look(t);

	for (size_t i = 0; i < t->n; i++) {
		const struct event *e = &t->events[i];

		if ((e->kind == KT_BIRTH || e->kind == KT_OPEN) && !e->owner &&
		    e->t > last)
			return true;
	}
	return false;
}

/* ---- may we? ---------------------------------------------------------------
 */

static const char *flaw_of_directory(struct arena *a, struct str directory)
{
	struct stat st;

	if (!directory.len)
		return "the files are looked at where the trace was recorded, "
		       "by `keytrail report` or `keytrail pack`";
	if (stat(directory.at, &st))
		return "the trace directory is gone";
	if (st.st_uid != geteuid())
		return arena_print(a,
				   "ask as user %u, whose trace it is, who may "
				   "look",
				   (unsigned)st.st_uid)
			.at;
	return NULL;
}

static bool is_forbidden(const struct trace *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct event *e = &t->events[i];

		if (e->kind == KT_RUN && e->no_env_files)
			return true;
	}
	return false;
}

static bool is_under_our_root(struct arena *a, const struct trace *t)
{
	bool any = false;
	struct stat st;
	struct str ours;

	if (stat("/", &st))
		return false;
	ours = arena_print(a, "%llu:%llu", (unsigned long long)st.st_dev,
			   (unsigned long long)st.st_ino);
	for (size_t i = 0; i < t->n; i++) {
		const struct event *e = &t->events[i];

		if (e->kind != KT_BIRTH || e->owner || !e->root.len)
			continue;
		any = true;
		if (!str_eq(e->root, ours))
			return false;
	}
	return any;
}

static bool is_of_this_boot(const struct trace *t)
{
	char boot[BOOT_BYTES];
	bool known = read_boot(boot);

	for (size_t i = 0; known && i < t->n; i++) {
		const struct event *e = &t->events[i];

		if (e->kind == KT_BIRTH && !e->owner &&
		    !str_eq(e->boot, str_of(boot)))
			return false;
	}
	return known;
}

/* Fingerprints under another key would make every value another one. */
static bool is_key_of(const uint8_t key[KEY_BYTES], const struct trace *t)
{
	char id[KEY_ID_BYTES];

	key_id_of(id, key);
	for (size_t i = 0; i < t->n; i++) {
		const struct event *e = &t->events[i];

		if (e->kind == KT_BIRTH && !e->owner &&
		    !str_eq(e->key, str_of(id)))
			return false;
	}
	return true;
}

/* Null: we may look, and f->key is read. */
static const char *read_key(struct facts *f, struct str directory)
{
	const char *why;

	if (!key_read_beside(f->arena, directory.at, f->key, &why))
		return arena_print(f->arena,
				   "the key %.*s" KEY_FILE_SUFFIX
				   " cannot be used: %s",
				   STR_FMT(directory), why)
			.at;
	return is_key_of(f->key, &f->recorded)
		       ? NULL
		       : "the key beside the trace is not the trace's";
}

static const char *find_flaw(struct facts *f)
{
	struct str directory = f->source < f->to->directories.n
				       ? f->to->directories.at[f->source]
				       : (struct str){NULL, 0};
	const char *flaw = flaw_of_directory(f->arena, directory);

	if (flaw)
		return flaw;
	if (is_forbidden(&f->recorded))
		return "`keytrail run` had --no-env-files";
	if (!is_of_this_boot(&f->recorded))
		return "the trace is of an earlier boot, or of another machine";
	if (!is_under_our_root(f->arena, &f->recorded))
		return "the trace is of another root directory, as a "
		       "container's";
	return read_key(f, directory);
}

/* ---- a source of the trace -------------------------------------------------
 */

static bool add_line(void *facts, struct str line)
{
	struct facts *f = facts;

	line.len--; /* the end of the line */
	trace_add_line(f->arena, f->to, f->source, line);
	return true;
}

static void look(struct facts *f)
{
	const struct env_file_lines lines = {
		.t = clock_now(CLOCK_MONOTONIC, 1),
		.key = f->key,
		.take = add_line,
		.context = f,
	};
	struct trace folded = f->recorded;

	if (!is_look_due(&f->recorded))
		return;
	f->to->files_unread = find_flaw(f);
	if (!f->to->files_unread && !f->is_folded)
		folded = trace_folded_copy(f->arena, &f->recorded);
	if (!f->to->files_unread)
		env_file_lines_write(f->arena, &folded, &lines);
	explicit_bzero(f->key, sizeof f->key);
}

static struct trace events_of(struct arena *a, const struct trace *t,
			      unsigned source)
{
	struct trace part = *t;

	if (t->n_sources == 1)
		return part;
	part.events = TAKE(a, struct event, t->n + 1);
	part.n = 0;
	for (size_t i = 0; i < t->n; i++)
		if (t->events[i].source == source)
			part.events[part.n++] = t->events[i];
	return part;
}

void env_file_late_look(struct arena *a, struct trace *t, bool is_folded)
{
	const struct trace recorded = *t;

	for (unsigned i = 0; i < recorded.n_sources; i++) {
		struct facts f = {.arena = a,
				  .to = t,
				  .is_folded = is_folded,
				  .source = i,
				  .recorded = events_of(a, &recorded, i)};

		look(&f);
	}
}

void env_file_leave_out(struct trace *t)
{
	t->files_unread = "--no-env-files was given";
}
