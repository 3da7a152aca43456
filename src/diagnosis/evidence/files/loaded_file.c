#include "diagnosis/evidence/files/loaded_file.h"

#include "catalogue/env_libraries.h"
#include "diagnosis/evidence/ancestors.h"
#include "diagnosis/evidence/child_ordinal.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/daemon_client.h"
#include "model/place.h"
#include "runtimes/runtime.h"
#include "trace/caller.h"
#include "trace/site.h"

enum { MOST_LOOKS = 256 };

/* --- files ----------------------------------------------------------------
 */

bool is_example_file(struct str path)
{
	return str_has_suffix(path, STR(".example")) ||
	       str_has_suffix(path, STR(".sample")) ||
	       str_has_suffix(path, STR(".template")) ||
	       str_has_suffix(path, STR(".dist")) ||
	       str_has_suffix(path, STR(".keys"));
}

bool is_env_file(const struct event *file)
{
	return !str_is_listed(file->file->syntax, "secret aws netrc pgpass") &&
	       !is_example_file(file->path);
}

bool is_changed_since(const struct image *image, const struct event *file,
		      uint64_t t)
{
	const uint64_t precision = 1000000; /* of a change's time, in ns */

	return model_time_of(image, file->changed) > t + precision;
}

typedef bool line_test(const struct file_variable *);

static bool has_value(const struct file_variable *v)
{
	return v->value.fp.len && !(v->value.is & KT_IS_EMPTY);
}

/* NAME = value, read by a shell, which takes NAME for a command. */
static bool is_no_assignment(const struct file_variable *v)
{
	return v->spaced && !v->value.fp.len;
}

/* A long file has several events of one path. */
static const struct event *find_line(const struct model *m,
				     const struct image *image,
				     const struct event *open, struct str name,
				     line_test *fits)
{
	for (size_t i = 0; i < m->n_env_files; i++) {
		const struct event *file = m->env_files[i];
		const struct file_variable *v;

		if (file->t < open->t || file->source != image->source ||
		    !str_eq(file->path, open->path))
			continue;
		v = file_variable(file, name);
		if (v && fits(v))
			return file;
	}
	return NULL;
}

/* --- opens ----------------------------------------------------------------
 */

bool reads_file(const struct event *open)
{
	return !open->has_errno && !open->probe && !open->write;
}

static struct loaded_file file_with_line(const struct model *m,
					 const struct image *image,
					 const struct event *open,
					 struct str name, line_test *fits)
{
	const struct event *file = NULL;

	if (reads_file(open))
		file = find_line(m, image, open, name, fits);
	if (!file)
		return (struct loaded_file){.by = NULL};
	return (struct loaded_file){.model = m,
				    .by = image,
				    .open = open,
				    .file = file,
				    .variable = file_variable(file, name)};
}

struct loaded_file file_of_open(const struct model *m,
				const struct image *image,
				const struct event *open, struct str name)
{
	return file_with_line(m, image, open, name, has_value);
}

static bool is_empty_line(const struct file_variable *v)
{
	return v->value.is & KT_IS_EMPTY;
}

/* NAME=${OTHER}, of which nothing came. */
static bool is_vain_reference(const struct file_variable *v)
{
	return (v->value.is & KT_IS_UNEXPANDED) ||
	       (is_empty_line(v) && (v->whole.is & KT_IS_UNEXPANDED));
}

/* $(...) and the like, of which a file tells no value. */
static bool is_expansion(const struct file_variable *v)
{
	return !v->value.fp.len && !v->spaced && !v->unclosed;
}

static bool is_unclosed(const struct file_variable *v)
{
	return v->unclosed;
}

static struct loaded_file find_line_before(const struct model *m,
					   const struct image *image,
					   struct str name, uint64_t until,
					   line_test *fits)
{
	size_t looks = MOST_LOOKS;

	for (size_t i = image->n_opens; i-- && looks--;) {
		const struct event *open = image->opens[i];
		struct loaded_file f =
			file_with_line(m, image, open, name, fits);

		if (f.by && open->t <= until && is_env_file(f.file) &&
		    !is_changed_since(image, f.file, open->t))
			return f;
	}
	return (struct loaded_file){.by = NULL};
}

struct loaded_file find_empty_line(const struct model *m,
				   const struct image *image, struct str name,
				   uint64_t until)
{
	return find_line_before(m, image, name, until, is_empty_line);
}

struct loaded_file find_vain_reference(const struct model *m,
				       const struct image *image,
				       struct str name, uint64_t until)
{
	return find_line_before(m, image, name, until, is_vain_reference);
}

struct loaded_file find_expansion_line(const struct model *m,
				       const struct image *image,
				       struct str name, uint64_t until)
{
	return find_line_before(m, image, name, until, is_expansion);
}

struct loaded_file find_unclosed_line(const struct model *m,
				      const struct reading *r)
{
	struct ancestor a = ancestor_itself(r->image, time_of_read(r));
	struct loaded_file found = {.by = NULL};

	for (; a.image && !found.by; a = ancestor_above(a))
		found = find_line_before(m, a.image, r->name, a.until,
					 is_unclosed);
	return found;
}

/* The import of a library, outside its functions. */
static bool is_import_of_library(struct caller f)
{
	return place_library(f.site).len && str_eq(f.function, STR("<module>"));
}

bool is_load_for_library(const struct event *open)
{
	for (size_t i = 0; i < count_frames(open); i++) {
		struct caller f = nth_frame(open, i);

		if (reader_of(site_file(f.site)) == READER_NONE)
			return is_import_of_library(f);
	}
	return false;
}

/* Which file is searched: by its line of the name, and by all of the file. */
struct wanted_file {
	line_test *line_fits;
	bool (*fits)(const struct reading *, const struct loaded_file *);
};

/* The first open with a line of the user's on the way; else the last: libraries
 * load files for themselves, too. */
static struct loaded_file find_in(const struct model *m,
				  const struct image *image,
				  const struct reading *r, uint64_t until,
				  struct wanted_file wanted)
{
	size_t looks = MOST_LOOKS;
	struct loaded_file last = {.by = NULL}, own = {.by = NULL};

	for (size_t i = image->n_opens; i-- && looks--;) {
		struct loaded_file found;

		if (image->opens[i]->t > until)
			continue;
		found = file_with_line(m, image, image->opens[i], r->name,
				       wanted.line_fits);
		found.until = until;
		if (!found.by || !is_env_file(found.file) ||
		    is_changed_since(image, found.file, found.open->t) ||
		    !wanted.fits(r, &found))
			continue;
		if (own_line_of(found.open).len)
			own = found;
		if (!last.by)
			last = found;
	}
	return own.by ? own : last;
}

uint64_t time_of_read(const struct reading *r)
{
	const struct event *read = r->found_by ? r->found_by : r->event;

	return read ? read->t : UINT64_MAX;
}

/* In the clients by which a daemon may have started the program: they pass
 * on the environment, and PM2's read its configuration. What such a client
 * gives to one program alone is no loss of another: only for values. */
static struct loaded_file find_in_clients(const struct model *m,
					  const struct reading *r,
					  const struct image *started,
					  struct wanted_file wanted)
{
	const struct image *daemon = started->parent;
	uint64_t t = model_hop_time(started);
	struct loaded_file found = {.by = NULL};

	if (!daemon || daemon->pid == started->pid || !is_service(daemon))
		return found;
	for (size_t i = 0; i < m->n_images && !found.by; i++)
		if (m->images[i]->n_opens &&
		    may_have_started(m->images[i], daemon, t))
			found = find_in(m, m->images[i], r, t, wanted);
	return found;
}

static struct loaded_file find_on_way(const struct model *m,
				      const struct reading *r,
				      struct wanted_file wanted)
{
	struct ancestor a = ancestor_itself(r->image, time_of_read(r));
	struct loaded_file found = {.by = NULL};

	for (; a.image && !found.by; a = ancestor_above(a)) {
		found = find_in(m, a.image, r, a.until, wanted);
		if (!found.by && r->outcome == READ_FOUND)
			found = find_in_clients(m, r, a.image, wanted);
	}
	return found;
}

struct loaded_file find_loaded_file(const struct model *m,
				    const struct reading *r,
				    bool (*fits)(const struct reading *,
						 const struct loaded_file *))
{
	return find_on_way(m, r, (struct wanted_file){has_value, fits});
}

static bool is_read_by_shell(const struct reading *r,
			     const struct loaded_file *f)
{
	(void)r;
	return is_shell(f->by);
}

const struct image *shell_of_tool(const struct image *by)
{
	const struct image *at = by;

	while (at->parent && (!is_shell(at) || at->hop == HOP_FORK))
		at = at->parent;
	return is_shell(at) ? at : by;
}

static bool is_spaced(const struct file_variable *v)
{
	return v->spaced;
}

static bool is_spaced_anywhere(const struct model *m, struct str name)
{
	for (size_t i = 0; i < m->n_env_files; i++) {
		const struct file_variable *v =
			file_variable(m->env_files[i], name);

		if (v && v->spaced)
			return true;
	}
	return false;
}

bool is_reader_of_text(const struct image *image)
{
	return str_is_listed(str_base(image->exe),
			     "cat grep sed awk gawk mawk xargs egrep head tr");
}

static struct loaded_file find_spaced_below(const struct model *m,
					    const struct image *shell,
					    uint64_t until, struct str name)
{
	struct loaded_file none = {.by = NULL};

	for (const struct image *c = shell->first_child; c;
	     c = c->next_sibling) {
		struct loaded_file found =
			model_is_fork_or_thread(c)
				? find_spaced_below(m, c, until, name)
				: none;

		for (const struct image *at = c; at && is_reader_of_text(at);
		     at = NULL)
			for (size_t i = 0; i < at->n_opens && !found.by; i++)
				found = file_with_line(m, at, at->opens[i],
						       name, is_spaced);
		if (found.by && found.open->t <= until &&
		    is_env_file(found.file) &&
		    !is_changed_since(found.by, found.file, found.open->t))
			return found;
	}
	return none;
}

/* A line that the shell's own tools read for the shell, and that gave it no
 * variable. A reader that looks for files of its own is no part of that. */
static struct loaded_file find_spaced_text(const struct model *m,
					   const struct reading *r)
{
	struct ancestor a =
		ancestor_above(ancestor_itself(r->image, time_of_read(r)));
	struct loaded_file found = {.by = NULL};

	if (r->image->n_opens || !is_spaced_anywhere(m, r->name))
		return found;
	for (; a.image && !found.by; a = ancestor_above(a))
		if (is_shell(a.image) && a.image->hop != HOP_FORK)
			found = find_spaced_below(m, a.image, a.until, r->name);
	return found;
}

struct loaded_file find_file_of_shell(const struct model *m,
				      const struct reading *r)
{
	struct wanted_file wanted = {has_value, is_read_by_shell};
	struct loaded_file found = find_on_way(m, r, wanted);

	wanted.line_fits = is_no_assignment;
	if (!found.by)
		found = find_on_way(m, r, wanted);
	return found.by ? found : find_spaced_text(m, r);
}

struct loaded_file find_file_of_value(const struct model *m,
				      const struct image *image,
				      struct str name, uint64_t until,
				      const struct value *value)
{
	for (size_t i = image->n_opens; i--;) {
		struct loaded_file found;

		if (image->opens[i]->t > until)
			continue;
		found = file_of_open(m, image, image->opens[i], name);
		if (found.by && str_eq(found.variable->value.fp, value->fp))
			return found;
	}
	return (struct loaded_file){.by = NULL};
}

struct loaded_file find_file_of_set(const struct model *m,
				    const struct image *image,
				    const struct event *set,
				    const struct value *value)
{
	return find_file_of_value(m, image, set->name, set->t, value);
}

bool is_asked_by_loaders(const struct reading *r)
{
	for (const struct call_site *s = r->call_sites; s; s = s->next)
		if (reader_of(site_file(s->first->site)) != READER_LOADER)
			return false;
	return r->call_sites;
}

void set_opening_culprit(struct finding *ret, const struct image *by,
			 const struct event *open)
{
	set_culprit(ret, by, open, by);
	if (open && runtime_interprets(by) && !event_has_source_line(open))
		ret->culprit_site = runtime_script(by);
}

const struct image *user_of_loader(const struct finding *f,
				   const struct event *open)
{
	struct str own = open ? own_line_of(open) : (struct str){NULL, 0};

	return own.len && str_eq(own, open->site) ? NULL : f->culprit;
}
