#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/value_shape.h"

#include "base/pattern.h"
#include "diagnosis/evidence/arguments.h"
#include "diagnosis/evidence/child_ordinal.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/files/loaded_file.h"
#include "diagnosis/evidence/origin.h"
#include "model/place.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"
#include "trace/site.h"

void set_culprit_of_value(struct finding *ret, const struct origin *from,
			  struct str name)
{
	struct str line = line_of_change(from->event, name);

	set_culprit(ret, from->image, from->event, from->next);
	if (line.len)
		ret->culprit_site = line;
}

bool explain_by_shape(const struct reading *r, uint32_t shapes, uint32_t except,
		      struct finding *ret)
{
	struct origin from;

	if (!r->value || !(r->value->is & shapes) || (r->value->is & except))
		return false;
	from = find_origin(r);
	set_culprit_of_value(ret, &from, r->name);
	ret->severity = r->outcome == READ_FOUND ? FAULT : WARNING;
	ret->confidence = from.image->observed ? CERTAIN : LIKELY;
	return true;
}

static bool is_launch(const struct event *e)
{
	return e->kind == KT_EXEC || e->kind == KT_SPAWN;
}

/* The program itself set the value. A shell does so unseen: its next fork shows
 * another environment. */
static bool is_change(const struct event *e)
{
	return e->kind == KT_SET || e->kind == KT_SWAP;
}

/* The place which brought the value; len 0: the first process began with the
 * value. Of a launch, the line of the assignment where that is certain. */
static struct str act_of(struct arena *a, const struct reading *r,
			 const struct finding *f, struct str flaw)
{
	const struct event *e = f->culprit_event;
	bool is_empty = r->value->is & KT_IS_EMPTY;
	bool is_assignment = line_of_change(e, r->name).len;

	if (e && is_launch(e) && !is_assignment &&
	    place_has_line(f->culprit_site))
		return arena_print(
			a, "starts %.*s with %.*s %.*s",
			STR_FMT(started_in_words(a, f, find_origin(r).next)),
			STR_FMT(r->name),
			STR_FMT(is_empty ? STR("empty")
					 : arena_print(a,
						       "set to a value that "
						       "%.*s",
						       STR_FMT(flaw))));
	if (e && (is_change(e) || place_has_line(f->culprit_site)))
		return arena_print(
			a, "sets %.*s to %.*s", STR_FMT(r->name),
			STR_FMT(is_empty ? STR("nothing")
					 : arena_print(a, "a value that %.*s",
						       STR_FMT(flaw))));
	return (struct str){NULL, 0};
}

/* --- docker run --env-file ------------------------------------------------ */

/* The only file of a container's client with the value that a program was born
 * with, whose start was not seen. */
static const struct event *handed_file(const struct model *m,
				       const struct reading *r)
{
	struct origin from = find_origin(r);
	const struct event *found = NULL;

	if (from.event || from.image->parent || from.image->is_command)
		return NULL;
	for (size_t i = 0; i < m->n_env_files; i++) {
		const struct event *file = m->env_files[i];
		const struct file_variable *v = file_variable(file, r->name);

		if (!v || !str_eq(file->file->syntax, STR("docker")) ||
		    !str_eq(v->value.fp, r->value->fp))
			continue;
		if (found && !str_eq(found->path, file->path))
			return NULL;
		found = file;
	}
	return found;
}

static const struct image *find_client(const struct model *m,
				       const struct event *file)
{
	for (size_t i = 0; i < m->n_images; i++)
		if (runtime_of(m->images[i])->id == RUNTIME_DOCKER &&
		    arguments_mention(m->images[i], str_base(file->path)))
			return m->images[i];
	return NULL;
}

static bool set_handing_culprit(const struct model *m, const struct reading *r,
				struct finding *f)
{
	const struct event *file = handed_file(m, r);
	const struct image *client = file ? find_client(m, file) : NULL;

	if (!client)
		return false;
	f->culprit = client;
	f->culprit_event = NULL;
	f->culprit_site = line_of_assignment(m->arena, file, r->name);
	return true;
}

/* A shell that reads NAME=value lines itself: `while read ...; done < .env`.
 * The line that opened the file with the value is the place. */
static void set_reading_line(const struct model *m, const struct reading *r,
			     struct finding *f)
{
	const struct event *e = f->culprit_event;
	struct value bare = {.fp = r->value->bare};
	struct loaded_file file = {.by = NULL};

	if (!e || e->kind != KT_SWAP || !is_shell(f->culprit) ||
	    place_has_line(f->culprit_site))
		return;
	file = find_file_of_value(m, f->culprit, r->name, e->t, r->value);
	if (!file.by && bare.fp.len)
		file = find_file_of_value(m, f->culprit, r->name, e->t, &bare);
	if (file.by && event_has_source_line(file.open))
		f->culprit_site = event_site(file.open);
}

static const struct image *exec_of(const struct image *image)
{
	while (image->parent && model_is_fork_or_thread(image))
		image = image->parent;
	return image;
}

/* The line, or the script of the shell where several lines may be meant. */
static struct str line_or_script_of_launch(const struct image *image)
{
	struct str line = line_of_launch(image);

	return line.len || !image->parent || !is_shell(image->parent)
		       ? line
		       : runtime_script(image->parent);
}

/* A tool set the value, and no line of the program's own is on the way: uvicorn
 * --env-file FILE, gunicorn -e NAME=value. The line of the file, or the line
 * that started the tool, is the place. */
static void set_place_of_tool(const struct model *m, const struct reading *r,
			      struct finding *f)
{
	const struct event *e = f->culprit_event;
	struct loaded_file file;
	struct str start;

	if (!e || e->kind != KT_SET || !event_has_source_line(e) ||
	    own_line_of(e).len || !place_library(f->culprit_site).len)
		return;
	file = r->value->is & KT_IS_EMPTY
		       ? find_empty_line(m, f->culprit, r->name, e->t)
		       : find_file_of_value(m, f->culprit, r->name, e->t,
					    r->value);
	start = line_or_script_of_launch(exec_of(f->culprit));
	if (file.by)
		f->culprit_site = site_of_file(m->arena, &file);
	else if (arguments_mention(f->culprit, r->name) && start.len)
		f->culprit_site = start;
	else
		return;
	if (!file.by && (r->value->is & KT_IS_UNEXPANDED))
		set_own_fix(m, f,
			    "let the shell expand the reference: in the "
			    "command of %.*s, double quotes around "
			    "`%.*s=$OTHER`, or none; single quotes keep the $",
			    STR_FMT(place_in_words(m->arena, f->culprit,
						   f->culprit_site)),
			    STR_FMT(r->name));
}

/* The place which brought the value is the place to edit. */
void say_value(const struct model *m, const struct reading *r,
	       struct finding *f, struct str flaw)
{
	struct arena *a = m->arena;
	const struct event *e = f->culprit_event;
	struct str act;

	set_reading_line(m, r, f);
	set_place_of_tool(m, r, f);
	act = act_of(a, r, f, flaw);
	if (set_handing_culprit(m, r, f)) {
		say_culprit(m, r, f, "sets %.*s to a value that %.*s",
			    STR_FMT(r->name), STR_FMT(flaw));
		return;
	}
	if (act.len) {
		say_culprit(m, r, f, "%.*s", STR_FMT(act));
		if (e && is_launch(e) && line_of_change(e, r->name).len)
			f->detail = before_launch(a, f, find_origin(r).next);
		return;
	}
	if (f->victim)
		say_victim(m, f, "reads %.*s, whose value %.*s",
			   STR_FMT(r->name), STR_FMT(flaw));
	else
		say_culprit(m, r, f, "holds %.*s, whose value %.*s",
			    STR_FMT(r->name), STR_FMT(flaw));
	if (f->victim && f->culprit != f->victim)
		f->detail = arena_print(
			a, "the value came in with %.*s",
			STR_FMT(process_in_sentence(a, f->culprit)));
}

/* Of a loader of the program's own, which keeps the comment, the whole line is
 * the value. */
static bool holds_found_value(const struct reading *r,
			      const struct loaded_file *f)
{
	return r->value && (str_eq(f->variable->value.fp, r->value->fp) ||
			    str_eq(f->variable->whole.fp, r->value->fp));
}

/* A file which another program read for the shell, and which has the value
 * without the quotes around: export $(grep ... .env). */
static struct loaded_file find_file_of_bare(const struct model *m,
					    const struct reading *r)
{
	for (size_t i = 0; i < m->n_env_files && r->value; i++) {
		const struct event *file = m->env_files[i];
		const struct file_variable *v = file_variable(file, r->name);

		if (v && v->value.fp.len && is_env_file(file) &&
		    file->source == r->image->source &&
		    file->file->why == KT_FILE_OPENED &&
		    str_eq(v->value.fp, r->value->bare))
			return (struct loaded_file){
				.by = r->image, .file = file, .variable = v};
	}
	return (struct loaded_file){.by = NULL};
}

static struct loaded_file find_file_with_value(const struct model *m,
					       const struct reading *r)
{
	struct loaded_file file = find_loaded_file(m, r, holds_found_value);

	return file.by ? file : find_file_of_bare(m, r);
}

struct str fix_value(const struct model *m, const struct reading *r,
		     struct str fix)
{
	struct loaded_file file = find_file_with_value(m, r);

	if (!file.by)
		return fix;
	return arena_print(m->arena, "%.*s; the value stands in %.*s",
			   STR_FMT(fix),
			   STR_FMT(line_of_file(m->arena, file.by, &file)));
}

struct str line_of_code_for_value(const struct model *m,
				  const struct reading *r,
				  const struct finding *f)
{
	const struct event *e = f->culprit_event;

	if (!e || !(is_launch(e) || e->kind == KT_SET || e->kind == KT_BIRTH) ||
	    !runtime_interprets(f->culprit) || is_shell(f->culprit) ||
	    !place_has_line(f->culprit_site) || find_file_with_value(m, r).by)
		return (struct str){NULL, 0};
	return place_in_words(m->arena, f->culprit, f->culprit_site);
}

struct str file_of_value(struct arena *a, const struct reading *r,
			 const struct finding *f)
{
	struct str file = site_file(f->culprit_site), base = str_base(file);

	if (!place_has_line(f->culprit_site) ||
	    (!str_eq(base, r->name) &&
	     !str_matches_any(base, ".env .env.* *.env")))
		return STR("FILE");
	return site_file(place_in_words(a, f->culprit, f->culprit_site));
}

void describe_shape(const struct model *m, const struct reading *r,
		    struct finding *f, const char *flaw, const char *fix)
{
	say_value(m, r, f, str_of(flaw));
	if (!f->has_own_fix)
		f->fix = fix_value(m, r, str_of(fix));
}
