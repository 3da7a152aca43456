#include "rules/rule.h"

#include "catalogue/env_file_order.h"
#include "catalogue/env_libraries.h"
#include "diagnosis/evidence/child_ordinal.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/echo_of_set.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/files/loaded_file.h"
#include "diagnosis/evidence/origin.h"
#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/value_source.h"
#include "model/place.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"
#include "trace/caller.h"
#include "trace/site.h"

static bool is_held_at(const struct image *image, struct str name, uint64_t t,
		       const struct value *value)
{
	const struct value *held;

	return model_held(image, name, t, &held) == PRESENT &&
	       str_eq(held->fp, value->fp);
}

static bool is_opened_again(const struct event *e, const struct event *open)
{
	return e->kind == KT_OPEN && e->t > open->t &&
	       str_eq(e->path, open->path);
}

/* The loader put the value of the file in the place of the other, perhaps after
 * the read. */
static bool is_replaced_later(const struct reading *r,
			      const struct loaded_file *f)
{
	for (size_t i = 0; i < f->by->n_events; i++) {
		const struct event *e = f->by->events[i];

		if (is_opened_again(e, f->open))
			return false;
		if (e->kind == KT_SET && e->t > f->open->t &&
		    str_eq(e->name, r->name))
			return str_eq(e->value.fp, f->variable->value.fp);
	}
	return false;
}

/* Another value, or none, came between. A loader may set what was there again:
 * dotenv-expand does. */
static bool is_changed_behind(const struct reading *r,
			      const struct loaded_file *f)
{
	const struct event *e = model_last_change(f->by, r->name, f->until);
	size_t looks = 64;

	for (; e && e->t >= f->open->t && looks--;
	     e = model_last_change(f->by, r->name, e->t - 1))
		if (e->kind != KT_SET || !str_eq(e->value.fp, r->value->fp))
			return true;
	return false;
}

/* The loader did not replace the value that was there. */
static bool is_kept(const struct reading *r, const struct loaded_file *f)
{
	return is_held_at(f->by, r->name, f->open->t, r->value) &&
	       !is_changed_behind(r, f) && !is_replaced_later(r, f) &&
	       !model_changes_folded(f->by, r->name);
}

/* The same value, dressed otherwise, cut short (KT605), or with the comment
 * behind it (KT604). */
static bool is_related(const struct file_variable *v, struct str fp)
{
	if (str_eq(v->whole.fp, fp))
		return true;
	for (size_t i = 0; i < v->n_relations; i++)
		if (str_eq(v->relations[i].fp, fp))
			return v->relations[i].is != KT_RELATION_OTHER;
	return false;
}

/* A loader of several files sets the names when it has read all. */
static bool is_set_to_nothing(const struct reading *r,
			      const struct loaded_file *f)
{
	const struct origin from = find_origin(r);

	return (r->value->is & KT_IS_EMPTY) && from.image == f->by &&
	       from.event && from.event->kind == KT_SET &&
	       from.event->t > f->open->t;
}

/* One call of a loader read both files, and then set the name. */
static bool is_set_from_another(const struct reading *r,
				const struct loaded_file *f)
{
	const struct origin from = find_origin(r);

	return from.image == f->by && from.event &&
	       from.event->kind == KT_SET && from.event->t > f->open->t &&
	       loader_family(from.event->site) &&
	       !(from.before && str_eq(from.before->fp, f->variable->value.fp));
}

/* The first file that has the value, read by the same program. */
static struct loaded_file find_kept_file(const struct reading *r,
					 const struct loaded_file *f)
{
	for (size_t i = 0; i < f->by->n_opens; i++) {
		struct loaded_file other =
			file_of_open(f->model, f->by, f->by->opens[i], r->name);

		if (other.by && str_eq(other.variable->value.fp, r->value->fp))
			return other;
	}
	return (struct loaded_file){.by = NULL};
}

/* dotenv_values gives a dict to the program, and sets nothing. */
static bool is_read_into_dict(const struct event *open)
{
	for (size_t i = 0; i < count_frames(open); i++)
		if (str_eq(nth_frame(open, i).function, STR("dotenv_values")))
			return true;
	return false;
}

/* A shell, `node --env-file` and a merge of dicts let the last file win: the
 * one of this machine came first. */
static bool is_replaced_by_last(const struct reading *r,
				const struct loaded_file *f,
				const struct loaded_file *kept)
{
	const struct origin from = find_origin(r);
	bool last_wins =
		is_shell(f->by) ||
		(is_read_into_dict(f->open) && is_read_into_dict(kept->open)) ||
		(runtime_of(f->by)->id == RUNTIME_NODE &&
		 !count_frames(f->open) && !count_frames(kept->open));

	return last_wins && !model_is_malformed(r->value) &&
	       kept->open->t > f->open->t && from.image == f->by &&
	       from.event && from.event->t > kept->open->t &&
	       !(from.before && str_eq(from.before->fp, f->variable->value.fp));
}

/* Of several files the first wins: that is meant, unless the other is the one
 * of this machine or stage (.env.local). */
static bool is_shadowed(const struct reading *r, const struct loaded_file *f)
{
	struct loaded_file kept;

	if (!is_other_value(&f->variable->value, r->value) ||
	    is_related(f->variable, r->value->fp))
		return false;
	if (is_set_to_nothing(r, f))
		return true;
	kept = find_kept_file(r, f);
	if (!kept.by)
		return is_kept(r, f);
	return is_meant_to_override(f->open->path, kept.open->path) &&
	       (is_replaced_by_last(r, f, &kept) ||
		(!is_read_into_dict(f->open) &&
		 (is_kept(r, f) || is_set_from_another(r, f))));
}

/* The file whose empty value won over that of `f`. */
static struct loaded_file find_winner(const struct model *m,
				      const struct reading *r,
				      const struct loaded_file *f)
{
	if (!(r->value->is & KT_IS_EMPTY) || find_origin(r).image != f->by)
		return (struct loaded_file){.by = NULL};
	return find_empty_line(m, f->by, r->name, f->until);
}

static bool is_asked_for_use(const struct reading *r)
{
	for (const struct call_site *s = r->call_sites; s; s = s->next)
		if (reader_of(site_file(s->first->site)) != READER_LOADER &&
		    !is_echo_of_set(r->image, s->first))
			return true;
	return !r->call_sites;
}

/* The line of the program by which the process that loads the file had set the
 * other value; or null. */
static const struct event *find_own_set(const struct reading *r,
					const struct loaded_file *f)
{
	struct origin from = find_origin(r);

	return from.image == f->by && from.event &&
			       from.event->kind == KT_SET &&
			       !loader_family(from.event->site) &&
			       own_line_of(from.event).len
		       ? from.event
		       : NULL;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	struct loaded_file f, winner, kept;
	const struct event *set;
	bool is_last;

	if (r->outcome != READ_FOUND || !is_asked_for_use(r))
		return false;
	f = find_loaded_file(m, r, is_shadowed);
	if (!f.by)
		return false;
	winner = find_winner(m, r, &f);
	if (!winner.by && (r->value->is & KT_IS_EMPTY) && !is_kept(r, &f))
		return false;
	set_opening_culprit(ret, f.by, winner.by ? winner.open : f.open);
	if (winner.by)
		ret->culprit_site = site_of_file(m->arena, &winner);
	kept = find_kept_file(r, &f);
	is_last = kept.by && is_replaced_by_last(r, &f, &kept);
	if (is_last)
		set_opening_culprit(ret, f.by, kept.open);
	set = winner.by || is_last ? NULL : find_own_set(r, &f);
	if (set)
		set_culprit(ret, f.by, set, f.by);
	if (r->value->is & KT_IS_EMPTY) {
		ret->loss = LOSS_ELSEWHERE;
		ret->is_meant = true;
	}
	ret->confidence = LIKELY;
	return true;
}

static void describe_two_files(const struct model *m, const struct reading *r,
			       struct finding *f, struct str line)
{
	say_culprit(m, r, f,
		    "leaves %.*s empty, and wins over %.*s, which has a value",
		    STR_FMT(r->name), STR_FMT(line));
	set_own_fix(m, f,
		    "remove that line, or write the value there: the loader "
		    "takes %.*s of one file, and %.*s is the other",
		    STR_FMT(r->name), STR_FMT(line));
}

static bool is_of_python(const struct event *set)
{
	return memmem(set->site.at, set->site.len, "/dotenv/main.py", 15);
}

static bool has_opened(const struct image *image, struct str path,
		       uint64_t until)
{
	for (size_t i = 0; i < image->n_opens; i++)
		if (image->opens[i]->t < until &&
		    str_eq(image->opens[i]->path, path))
			return true;
	return false;
}

/* The set by which a loader brought the other value in, before: the file has
 * been changed since. Or null. */
static const struct event *find_earlier_load(const struct model *m,
					     const struct reading *r,
					     const struct loaded_file *file)
{
	struct origin from = find_origin(r);

	if (!from.event || from.event->kind != KT_SET ||
	    !loader_family(from.event->site) ||
	    !has_opened(from.image, file->open->path, from.event->t) ||
	    find_file_of_set(m, from.image, from.event, r->value).by)
		return NULL;
	return from.event;
}

/* No shell has the other value: whoever loaded it keeps it. */
static void say_earlier_load(struct arena *a, const struct reading *r,
			     struct finding *f, const struct loaded_file *file,
			     const struct event *set)
{
	struct str keeper = process_in_sentence(a, find_origin(r).image);
	struct str line = place_of_culprit(a, f);

	f->detail =
		arena_print(a,
			    "two values: %.*s was loaded before, by %.*s, %.*s "
			    "is in the file now",
			    STR_FMT(short_print(r->value)), STR_FMT(keeper),
			    STR_FMT(short_print(&file->variable->value)));
	f->fix = arena_print(a,
			     "end %.*s and start it again, as it keeps what it "
			     "loaded before; or let the loader at %.*s "
			     "override%s",
			     STR_FMT(keeper), STR_FMT(line),
			     is_of_python(set) ? " (`load_dotenv(override="
						 "True)`)"
					       : "");
	f->has_own_fix = true;
}

/* The line which gave the other value to the process; len 0: not known, or the
 * run began with the value. */
static struct str line_of_other(const struct model *m, const struct reading *r)
{
	struct str place = {NULL, 0};

	if (was_set_within_run(r))
		place = value_source_in_words(m, r);
	return place_has_line(place) ? place : (struct str){NULL, 0};
}

/* Where the line of the other value is known, the fix names the line. */
static struct str fix_with_line(struct arena *a, struct str fix,
				struct str line)
{
	static const char where[] = "where it is set (";
	const char *at = memmem(fix.at, fix.len, where, sizeof where - 1);
	const char *end;

	end = at ? memchr(at, ')', (size_t)(fix.at + fix.len - at)) : NULL;
	if (!end || !line.len)
		return fix;
	return arena_print(a, "%.*sat %.*s%.*s", (int)(at - fix.at), fix.at,
			   STR_FMT(line), (int)(fix.at + fix.len - end - 1),
			   end + 1);
}

static void say_kept(const struct model *m, const struct reading *r,
		     struct finding *f, const struct loaded_file *file,
		     struct str line)
{
	struct str load = own_line_of(file->open), other = line_of_other(m, r);
	const char *value =
		r->value->is & KT_IS_EMPTY ? "empty value" : "other value";

	if (find_own_set(r, file) && load.len)
		say_culprit(m, r, f,
			    "sets %.*s before %.*s loads %.*s, which keeps "
			    "that value",
			    STR_FMT(r->name),
			    STR_FMT(place_in_words(m->arena, file->by, load)),
			    STR_FMT(line));
	else
		say_culprit(m, r, f,
			    "loads %.*s, and keeps the %s of %.*s %s%.*s%s",
			    STR_FMT(line), value, STR_FMT(r->name),
			    other.len ? "that " : "that was there",
			    STR_FMT(other), other.len ? " gave" : "");
}

static void describe_kept(const struct model *m, const struct reading *r,
			  struct finding *f, const struct loaded_file *file,
			  struct str line)
{
	const struct event *set = find_earlier_load(m, r, file);
	struct str fix;

	say_kept(m, r, f, file, line);
	f->detail = arena_print(m->arena,
				"two values: %.*s was there, %.*s is in the "
				"file",
				STR_FMT(short_print(r->value)),
				STR_FMT(short_print(&file->variable->value)));
	fix = runtime_remedy(m->arena, user_of_loader(f, file->open),
			     REMEDY_SHADOWED, r->name);
	f->fix = fix_with_line(m->arena, fix, line_of_other(m, r));
	f->has_own_fix = f->fix.at != fix.at;
	if (set)
		say_earlier_load(m->arena, r, f, file, set);
}

static const char *override_of(const struct loaded_file *f)
{
	enum runtime_id id = runtime_of(f->by)->id;

	if (!own_line_of(f->open).len)
		return "";
	return id == RUNTIME_PYTHON ? " (`load_dotenv(..., override=True)`)"
	       : id == RUNTIME_NODE ? " (`config({ override: true })`)"
				    : "";
}

/* run.sh:3 loads .env:1 after .env.local:1 */
static void describe_last(const struct model *m, const struct reading *r,
			  struct finding *f, const struct loaded_file *file,
			  const struct loaded_file *last)
{
	struct str name = place_in_words(m->arena, file->by, file->open->path);
	struct str other = place_in_words(m->arena, last->by, last->open->path);

	say_culprit(m, r, f,
		    "loads %.*s after %.*s, whose value of %.*s is lost",
		    STR_FMT(line_of_file(m->arena, last->by, last)),
		    STR_FMT(line_of_file(m->arena, file->by, file)),
		    STR_FMT(r->name));
	set_own_fix(m, f, "load %.*s after %.*s: here the last file wins",
		    STR_FMT(name), STR_FMT(other));
}

static void describe_order(const struct model *m, const struct reading *r,
			   struct finding *f, const struct loaded_file *file,
			   const struct loaded_file *kept)
{
	struct str name = place_in_words(m->arena, file->by, file->open->path);
	struct str other = place_in_words(m->arena, kept->by, kept->open->path);
	struct str line = line_of_file(m->arena, file->by, file);
	struct str first = line_of_file(m->arena, kept->by, kept);

	say_culprit(m, r, f,
		    "loads %.*s after %.*s, and keeps the value of %.*s of "
		    "%.*s",
		    STR_FMT(line), STR_FMT(first), STR_FMT(r->name),
		    STR_FMT(first));
	f->detail = arena_print(
		m->arena, "two values: %.*s is in %.*s, %.*s is in %.*s",
		STR_FMT(short_print(r->value)), STR_FMT(first),
		STR_FMT(short_print(&file->variable->value)), STR_FMT(line));
	set_own_fix(m, f,
		    "load %.*s before %.*s, or let it override there%s: the "
		    "loader sets only what is not set yet",
		    STR_FMT(name), STR_FMT(other), override_of(file));
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct loaded_file file = find_loaded_file(m, r, is_shadowed);
	struct str line = line_of_file(m->arena, file.by, &file);
	struct loaded_file kept = find_kept_file(r, &file);

	if (kept.by && is_replaced_by_last(r, &file, &kept))
		describe_last(m, r, f, &file, &kept);
	else if (kept.by)
		describe_order(m, r, f, &file, &kept);
	else if (find_winner(m, r, &file).by)
		describe_two_files(m, r, f, line);
	else
		describe_kept(m, r, f, &file, line);
}

const struct rule rule_kt703 = {"KT703", "shadowed", LOSS_OTHER_VALUE,
				9,	 explains,   describe};
