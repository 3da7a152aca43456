#include "diagnosis/evidence/sentence.h"

#include <stdarg.h>

#include "diagnosis/evidence/culprit.h"
#include "model/place.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"
#include "shared/env_file_name.h"
#include "trace/caller.h"
#include "trace/site.h"

/* A line of the interpreter itself, found by symbols, is no place to edit. */
static bool is_line_of_runtime(const struct image *image,
			       const struct event *event, struct str site)
{
	return event && !event_has_source_line(event) &&
	       str_eq(site, event_site(event)) && runtime_interprets(image);
}

static struct str process(struct arena *a, const struct image *image)
{
	return process_in_sentence(a, image);
}

/* The line that started the culprit says which program it started. */
static bool is_place_of_start(const struct finding *f)
{
	const struct event *e = f->culprit_event;

	for (size_t i = 0; e && i < count_frames(e); i++)
		if (str_eq(f->culprit_site, nth_frame(e, i).site))
			return false;
	return !e || !str_eq(f->culprit_site, event_site(e));
}

static struct str program(const struct image *image)
{
	struct str packaged = runtime_packaged_program(image);

	return packaged.len ? packaged : str_base(image->exe);
}

/* A package's program did what no line of the user's own asked for. */
static bool is_of_package(const struct finding *f)
{
	return runtime_packaged_program(f->culprit).len &&
	       !(f->culprit_event && own_line_of(f->culprit_event).len);
}

/* The script that started the culprit, whose line is not known. */
static bool is_script_of_start(const struct finding *f)
{
	return f->culprit_site.len && !place_has_line(f->culprit_site) &&
	       is_place_of_start(f) && !runtime_script(f->culprit).len &&
	       program(f->culprit).len;
}

/* A server emptied the environment, as the line of the configuration says. */
static bool is_line_of_setting(const struct finding *f)
{
	const struct event *e = f->culprit_event;

	return e && (e->kind == KT_CLEAR || e->kind == KT_SWAP) &&
	       e->command_site.len && str_eq(e->command_site, f->culprit_site);
}

bool has_line_of_culprit(const struct finding *f)
{
	return f->culprit && place_has_line(f->culprit_site) &&
	       !is_line_of_runtime(f->culprit, f->culprit_event,
				   f->culprit_site);
}

/* A line of NAME=value starts no program. The client of a container is known by
 * its arguments, and by no event: it is told with the file. */
static bool is_line_of_env_file(const struct finding *f)
{
	struct str file = site_file(f->culprit_site);

	return f->culprit_event &&
	       env_file_kind_of(file.at, file.len) == ENV_FILE_ASSIGNS;
}

struct str place_of_culprit(struct arena *a, const struct finding *f)
{
	struct str script = runtime_script(f->culprit);
	struct str place = place_in_words(a, f->culprit, f->culprit_site);

	if (is_script_of_start(f))
		return arena_print(a, "%.*s: %.*s", STR_FMT(place),
				   STR_FMT(program(f->culprit)));
	if (!has_line_of_culprit(f))
		return script.len ? place_in_words(a, f->culprit, script)
				  : process(a, f->culprit);
	if (is_place_of_start(f) && !f->is_line_of_go &&
	    !is_line_of_env_file(f) && program(f->culprit).len &&
	    (!runtime_interprets(f->culprit) || is_of_package(f) ||
	     is_line_of_setting(f)))
		return arena_print(a, "%.*s: %.*s", STR_FMT(place),
				   STR_FMT(program(f->culprit)));
	return place;
}

bool has_line_of_victim(const struct finding *f)
{
	return place_has_line(f->victim_site) &&
	       !is_line_of_runtime(f->victim, f->victim_event, f->victim_site);
}

struct str place_of_victim(struct arena *a, const struct finding *f)
{
	if (!has_line_of_victim(f))
		return process(a, f->victim);
	return place_in_words(a, f->victim, f->victim_site);
}

struct str names_of(struct arena *a, const struct finding *f)
{
	size_t n = f->n_asked_here;

	if (!n)
		return f->variable;
	if (n == 1)
		return arena_print(a, "%.*s and %.*s", STR_FMT(f->variable),
				   STR_FMT(f->others.at[0]));
	return arena_print(a, "%.*s, %.*s and %zu other%s",
			   STR_FMT(f->variable), STR_FMT(f->others.at[0]),
			   n - 1, n == 2 ? "" : "s");
}

/* " (8 processes)", " (14 of 100 processes)" */
static struct str processes(struct arena *a, const struct finding *f)
{
	bool is_thread = f->victim && f->victim->hop == HOP_THREAD;
	struct str of = STR("");

	if (f->count < 2)
		return STR("");
	if (f->readers > f->count)
		of = arena_print(a, " of %llu", (unsigned long long)f->readers);
	return arena_print(a, " (%llu%.*s %s)", (unsigned long long)f->count,
			   STR_FMT(of), is_thread ? "threads" : "processes");
}

/* A victim whose reads are not seen has the name's absence alone. */
static const char *verb(const struct reading *r, const struct finding *f)
{
	switch (r->outcome) {
	case READ_MISSED:
		return f->n_asked_here ? "misses them" : "misses it";
	case READ_FOUND:
		return "reads it";
	case READ_NONE:
		break;
	}
	return f->n_asked_here ? "lacks them" : "lacks it";
}

static bool has_argument(const struct image *image, const char *word)
{
	const struct strs *args = model_arguments(image);

	for (size_t i = 1; i < args->n; i++)
		if (str_eq(args->at[i], str_of(word)))
			return true;
	return false;
}

/* A Python program started `python -c`, and a fork of the started program runs
 * code of the user's: no frame shows the standard library. */
static bool is_forkserver(const struct image *started)
{
	if (!started->parent ||
	    runtime_of(started->parent)->id != RUNTIME_PYTHON ||
	    runtime_of(started)->id != RUNTIME_PYTHON ||
	    !has_argument(started, "-c"))
		return false;
	for (const struct image *c = started->first_child; c;
	     c = c->next_sibling)
		if (c->hop == HOP_FORK && c->readings)
			return true;
	return false;
}

static bool is_started_by(const struct image *started, const char *library)
{
	const struct event *e = started->handover;

	for (size_t i = 0; e && i < count_frames(e); i++)
		if (memmem(nth_frame(e, i).site.at, nth_frame(e, i).site.len,
			   library, strlen(library)))
			return true;
	return false;
}

/* A program that a library starts for itself, in the words of its user; or
 * null. */
static const char *known_program(const struct image *started)
{
	if (is_forkserver(started))
		return "the forkserver of multiprocessing";
	if (has_argument(started, "--multiprocessing-fork"))
		return "a worker of multiprocessing";
	if (is_started_by(started, "/joblib/externals/loky/"))
		return "a worker of joblib";
	return NULL;
}

struct str started_in_words(struct arena *a, const struct finding *f,
			    const struct image *started)
{
	struct str program = {NULL, 0};
	struct str package = runtime_packaged_program(started);

	if (known_program(started))
		return str_of(known_program(started));
	if (f->commands_differ)
		program = runtime_program_words(a, started);
	if (!program.len)
		program = process_in_short(a, started);
	if (!package.len ||
	    memmem(program.at, program.len, package.at, package.len))
		return program;
	return arena_print(a, "%.*s (of %.*s)", STR_FMT(program),
			   STR_FMT(package));
}

struct str before_launch(struct arena *a, const struct finding *f,
			 const struct image *started)
{
	struct str line = line_of_launch(started);

	return arena_print(a, "before %.*s starts %.*s",
			   STR_FMT(line.len
					   ? place_in_words(a, f->culprit, line)
					   : STR("it")),
			   STR_FMT(started_in_words(a, f, started)));
}

/* "worker.js", after the sentence has said "node worker.js". */
static struct str program_in_short(struct arena *a, const struct finding *f)
{
	const struct image *image = f->victim;
	const struct strs *args = model_arguments(image);
	const struct image *process = model_process(image);

	if (image->hop != HOP_THREAD && runtime_interprets(process) &&
	    args->n > 1 && args->at[1].len && args->at[1].at[0] != '-')
		return str_base(args->at[1]);
	return started_in_words(a, f, image);
}

static struct str reader_in_short(struct arena *a, const struct finding *f)
{
	if (has_line_of_victim(f))
		return place_in_words(a, f->victim, f->victim_site);
	return program_in_short(a, f);
}

/* The pid, where neither a line nor a number of processes tells more. */
static struct str which_processes(struct arena *a, const struct finding *f)
{
	if (f->count > 1 || has_line_of_victim(f) || !f->victim->pid)
		return processes(a, f);
	return arena_print(a, " (pid %llu%.*s)",
			   (unsigned long long)f->victim->pid,
			   STR_FMT(model_origin(a, f->victim)));
}

static struct str effect(struct arena *a, const struct reading *r,
			 const struct finding *f)
{
	if (!f->victim)
		return STR("");
	if (has_line_of_victim(f) && f->culprit == f->victim &&
	    str_eq(f->culprit_site, f->victim_site))
		return arena_print(a, " and %s%.*s", verb(r, f),
				   STR_FMT(which_processes(a, f)));
	return arena_print(a, "; %.*s %s%.*s", STR_FMT(reader_in_short(a, f)),
			   verb(r, f), STR_FMT(which_processes(a, f)));
}

static struct str sentence(struct arena *a, struct str place, struct str effect,
			   const char *act, va_list parts)
{
	struct str said = arena_vprint(a, act, parts);

	return arena_print(a, "%.*s %.*s%.*s", STR_FMT(place), STR_FMT(said),
			   STR_FMT(effect));
}

static void say_alone(struct arena *a, struct finding *f, struct str place,
		      const char *act, va_list parts)
{
	f->summary = sentence(a, place, processes(a, f), act, parts);
}

void say_actor(const struct model *m, struct finding *f, const char *act, ...)
{
	va_list parts;

	va_start(parts, act);
	say_alone(m->arena, f, place_of_culprit(m->arena, f), act, parts);
	va_end(parts);
}

struct str short_print(const struct value *v)
{
	const size_t shown = 8;

	if (v->is & KT_IS_EMPTY)
		return STR("nothing");
	return (struct str){v->fp.at, v->fp.len < shown ? v->fp.len : shown};
}

void say_culprit(const struct model *m, const struct reading *r,
		 struct finding *f, const char *act, ...)
{
	struct arena *a = m->arena;
	va_list parts;

	va_start(parts, act);
	f->summary = sentence(a, place_of_culprit(a, f), effect(a, r, f), act,
			      parts);
	va_end(parts);
}

void say_victim(const struct model *m, struct finding *f, const char *act, ...)
{
	va_list parts;

	va_start(parts, act);
	say_alone(m->arena, f, place_of_victim(m->arena, f), act, parts);
	va_end(parts);
}

void set_own_fix(const struct model *m, struct finding *f, const char *fix, ...)
{
	va_list parts;

	va_start(parts, fix);
	f->fix = arena_vprint(m->arena, fix, parts);
	va_end(parts);
	f->has_own_fix = true;
}
