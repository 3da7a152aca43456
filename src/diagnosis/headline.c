/* The headline: the sentence for a hurried reader. */
#include "diagnosis/evaluation.h"

#include "base/array.h"
#include "diagnosis/evidence/requests/reader_requests.h"
#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/names/unread_name.h"
#include "diagnosis/next_step.h"
#include "diagnosis/unseen_reads/unheld_credential.h"
#include "model/place.h"
#include "model/process_name.h"

/* --- the summary of a finding ----------------------------------------------
 */

static bool mentions(struct str text, struct str part)
{
	return !part.len ||
	       (text.len && memmem(text.at, text.len, part.at, part.len));
}

static struct str place_to_edit(struct arena *a, const struct finding *f)
{
	if (has_line_of_culprit(f))
		return place_of_culprit(a, f);
	if (f->victim && has_line_of_victim(f))
		return place_of_victim(a, f);
	return (struct str){NULL, 0};
}

static bool has_value(const struct finding *f)
{
	return f->loss == LOSS_MALFORMED || f->loss == LOSS_FOREIGN ||
	       f->loss == LOSS_OTHER_VALUE;
}

/* The place, or its line without the name of a tool (`deploy.sh:3: env`). */
static bool mentions_place(struct arena *a, const struct finding *f,
			   struct str place)
{
	return mentions(f->summary, place) ||
	       (has_line_of_culprit(f) &&
		mentions(f->summary,
			 place_in_words(a, f->culprit, f->culprit_site)));
}

/* Rules with a sentence of their own may leave the places out. */
void complete_summary(struct arena *a, struct finding *f)
{
	struct str place = place_to_edit(a, f), reader = {NULL, 0};

	if (f->loss == LOSS_NONE)
		return;
	if (!mentions_place(a, f, place))
		f->summary = arena_print(a, "%.*s: %.*s", STR_FMT(place),
					 STR_FMT(f->summary));
	if (f->victim && has_line_of_victim(f))
		reader = place_of_victim(a, f);
	if (!mentions(f->summary, reader))
		f->summary =
			arena_print(a, "%.*s; %.*s %s", STR_FMT(f->summary),
				    STR_FMT(reader),
				    has_value(f) ? "reads it" : "misses it");
}

/* --- the fate of the keys, where nothing is to blame -----------------------
 */

struct names {
	struct arena *arena;
	struct str *at;
	size_t n, room;
};

static void add_name(struct names *names, struct str name)
{
	*ARRAY_ADD(names->arena, names->at, names->n, names->room) = name;
}

/* A crowd of names is no part of a sentence: the report has all names. */
static struct str listed(struct arena *a, const char *what,
			 const struct names *names)
{
	enum { MOST = 4 };
	struct str text = arena_print(a, "; %s: ", what);

	if (!names->n)
		return STR("");
	for (size_t i = 0; i < names->n && i < MOST; i++)
		text = arena_print(a, "%.*s%s%.*s", STR_FMT(text),
				   i ? ", " : "", STR_FMT(names->at[i]));
	if (names->n > MOST)
		text = arena_print(a, "%.*s and %zu more", STR_FMT(text),
				   names->n - MOST);
	return text;
}

static bool is_of_root(const struct model *m, struct str name)
{
	const struct value *value;

	for (size_t i = 0; i < m->n_images; i++)
		if (!m->images[i]->parent &&
		    model_inherited(m->images[i], name, &value) == PRESENT)
			return true;
	return false;
}

/* Nobody held the name, and an asking place may want the value. */
static bool is_missed_everywhere(const struct evaluation *e,
				 const struct variable *v)
{
	if (!v->missed || v->holders)
		return false;
	for (size_t i = 0; i < v->n_readings; i++) {
		struct ask ask = strongest_ask(e, v->readings[i]);

		if (!is_incidental(&ask))
			return true;
	}
	return false;
}

static bool has_name(const struct names *names, struct str name)
{
	for (size_t i = 0; i < names->n; i++)
		if (str_eq(names->at[i], name))
			return true;
	return false;
}

/* Of readings and findings ignored by the user. */
static struct names ignored_names(const struct evaluation *e)
{
	struct names names = {.arena = e->arena};

	for (size_t i = 0; i < e->model->n_readings; i++) {
		const struct reading *r = &e->model->readings[i];

		if (r->outcome != READ_NONE && is_ignored_reading(e, r) &&
		    !has_name(&names, r->name))
			add_name(&names, r->name);
	}
	for (size_t i = 0; i < e->ignored_findings->n; i++) {
		struct str name = e->ignored_findings->at[i]->finding.variable;

		if (!has_name(&names, name))
			add_name(&names, name);
	}
	return names;
}

static struct str notable_names(const struct evaluation *e,
				const struct names *ignored)
{
	struct arena *a = e->arena;
	struct names missing = {.arena = a}, unread = {.arena = a};

	for (size_t i = 0; i < e->model->n_variables; i++) {
		const struct variable *v = &e->model->variables[i];

		if (has_name(ignored, v->name))
			continue;
		if (is_missed_everywhere(e, v))
			add_name(&missing, v->name);
		if (v->holders && !v->readers && !v->missed &&
		    !is_of_root(e->model, v->name))
			add_name(&unread, v->name);
	}
	return arena_print(
		a, "%.*s%.*s%.*s", STR_FMT(listed(a, "ignored", ignored)),
		STR_FMT(listed(a, "asked for and missing", &missing)),
		STR_FMT(listed(a,
			       "set by a file or launcher of the run and never "
			       "asked for",
			       &unread)));
}

/* The reads of found, needed names. */
static size_t count_found(const struct evaluation *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->model->n_readings; i++) {
		const struct reading *r = &e->model->readings[i];

		if (r->outcome == READ_FOUND && r->event->kind == KT_READ &&
		    !is_ignored_reading(e, r) &&
		    strongest_ask(e, r).need == NEEDED)
			n++;
	}
	return n;
}

/* The first image whose settings library looked in a copy, unseen. */
static const struct image *find_copier(const struct evaluation *e)
{
	for (size_t i = 0; i < e->model->n_images; i++) {
		const struct image *image = e->model->images[i];
		const struct event *copy = find_hiding_copy(image);

		if (copy && is_settings_copy(image, copy) &&
		    held_by_copy(e, image, copy).len)
			return image;
	}
	return NULL;
}

static struct str accepted_in_words(struct arena *a, const struct request *q,
				    struct str name)
{
	return arena_print(a, "%.*s accepted %.*s (%.*s)",
			   STR_FMT(host_in_words(a, q)), STR_FMT(name),
			   STR_FMT(answer_in_words(a, q)));
}

static bool carries_name(const struct request *q, struct str name)
{
	const struct sent_credentials *list = &q->event->credentials;

	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->at[i].name, name))
			return true;
	return false;
}

/* The last answer to the value of the name, from the image, if accepted; or
 * null. */
static const struct request *accepted_from(const struct image *image,
					   struct str name)
{
	for (size_t i = image->n_requests; i > 0; i--) {
		const struct request *q = &image->requests[i - 1];

		if (!q->event->incoming && q->response && carries_name(q, name))
			return request_is_accepted(q) ? q : NULL;
	}
	return NULL;
}

/* No read of a needed name was seen: a copy held the value. */
static struct str held_in_copy(const struct evaluation *e,
			       const struct image *image)
{
	struct arena *a = e->arena;
	struct str name = held_by_copy(e, image, find_hiding_copy(image));
	const struct request *q = accepted_from(image, name);

	return arena_print(
		a,
		"%.*s, with %.*s in it, and ended well; a name that was looked "
		"for there was not seen%s%.*s",
		STR_FMT(copy_in_words(a, image)), STR_FMT(name),
		q ? "; " : ", nor whether a key was accepted",
		STR_FMT(q ? accepted_in_words(a, q, name) : STR("")));
}

/* A host which accepted a key, or the open question. */
static struct str acceptance(const struct evaluation *e)
{
	if (!e->model->n_requests && has_unseen_requests(e->model))
		return STR("whether it was accepted cannot be read: see what "
			   "was unseen");
	if (!e->model->n_requests && records_requests(e->model->trace))
		return STR("no request with it was seen");
	if (!e->model->n_requests)
		return STR("whether it was accepted was not looked at "
			   "(--http)");
	for (size_t i = 0; i < e->model->n_readings; i++) {
		const struct reading *r = &e->model->readings[i];

		if (r->outcome == READ_FOUND && was_accepted(r))
			return accepted_in_words(e->arena, find_accepted(r),
						 r->name);
	}
	return STR("no host was seen to accept it");
}

/* Nobody got a needed name: each asking place is ignored. */
static struct str but_for_ignored(const struct evaluation *e,
				  const struct names *ignored)
{
	struct str names = listed(e->arena, "ignored", ignored);

	return arena_print(e->arena,
			   "no other read of a needed key was seen, and "
			   "nothing else is wrong (%.*s)",
			   (int)names.len - 2, names.at + 2);
}

/* A key that is not from the environment, and was accepted; or null. */
static const struct reading *find_accepted_reader(const struct evaluation *e)
{
	for (size_t i = 0; i < e->model->n_readings; i++) {
		const struct reading *r = &e->model->readings[i];

		if (r->outcome != READ_NONE && !is_ignored_reading(e, r) &&
		    find_accepted_instead(r))
			return r;
	}
	return NULL;
}

static struct str accepted_instead(const struct evaluation *e,
				   const struct reading *r)
{
	struct ask ask = strongest_ask(e, r);
	const struct request *q = find_accepted_instead(r);
	struct loaded_file file =
		file_taken(e->model, r, ask.event, &ask.asker);
	struct str source =
		file.by ? line_of_file(e->arena, file.by, &file) : STR("");

	return arena_print(
		e->arena,
		"%.*s accepted a credential (%.*s) in the place of %.*s, which "
		"%.*s did not get%s%.*s",
		STR_FMT(host_in_words(e->arena, q)),
		STR_FMT(answer_in_words(e->arena, q)), STR_FMT(r->name),
		STR_FMT(place_in_words(e->arena, r->image,
				       site_to_edit(r->image, ask.event))),
		source.len ? ": taken from " : "", STR_FMT(source));
}

static bool has_accepted_reading(const struct evaluation *e)
{
	for (size_t i = 0; i < e->model->n_readings; i++)
		if (model_found_value(&e->model->readings[i]) &&
		    was_accepted(&e->model->readings[i]))
			return true;
	return false;
}

static const struct request *find_taken(const struct evaluation *e)
{
	return find_verdict_evidence(e).unheld.accepted;
}

static struct str healthy(const struct evaluation *e)
{
	const struct image *copier = find_copier(e);
	size_t n = count_found(e);
	struct names ignored = ignored_names(e);
	struct str names = notable_names(e, &ignored);
	struct str count = arena_print(e->arena, "%zu of %zu", n, n);

	if (!n && find_accepted_reader(e))
		return accepted_instead(e, find_accepted_reader(e));
	if (!n && !has_accepted_reading(e) && find_taken(e))
		return accepted_unheld_in_words(e, find_taken(e));
	if (!n && copier)
		return held_in_copy(e, copier);
	if (!n && ignored.n)
		return but_for_ignored(e, &ignored);
	if (copier)
		names = arena_print(e->arena,
				    "%.*s; not seen: reads of a copy, %.*s",
				    STR_FMT(names),
				    STR_FMT(copy_in_words(e->arena, copier)));

	if (!n && names.len) /* without "; " */
		names = (struct str){names.at + 2, names.len - 2};
	if (n)
		names = arena_print(e->arena, "%.*s%.*s", STR_FMT(count),
				    STR_FMT(names));
	return arena_print(e->arena,
			   "every read of a needed key succeeded%s%.*s%s; %.*s",
			   names.len ? " (" : "", STR_FMT(names),
			   names.len ? ")" : "", STR_FMT(acceptance(e)));
}

static const struct finding *find_code(const struct report *report,
				       const char *code)
{
	for (size_t i = 0; i < report->n_findings; i++)
		if (!strcmp(report->findings[i].code, code))
			return &report->findings[i];
	return NULL;
}

/* The accepted request with the value of a key that reached the reader. */
static const struct request *accepted_of(const struct evaluation *e,
					 const struct finding *reached)
{
	const struct model *m = e->model;

	for (size_t i = 0; reached && i < m->n_readings; i++) {
		const struct reading *r = &m->readings[i];

		if (model_found_value(r) && r->image == reached->victim &&
		    str_eq(r->name, reached->variable) && was_accepted(r))
			return find_accepted(r);
	}
	return NULL;
}

static struct str exonerated(const struct evaluation *e,
			     const struct report *report)
{
	const struct finding *refused = find_code(report, "KT803");
	const struct finding *reached = find_code(report, "KT901");
	const struct request *q = accepted_of(e, reached);
	struct str near = STR("");

	if (refused)
		return refused->detail;
	if (q)
		return arena_print(
			e->arena,
			"%.*s, and %.*s: the failure has another cause",
			STR_FMT(reached->summary),
			STR_FMT(accepted_in_words(e->arena, q,
						  reached->variable)));
	if (reached)
		near = unread_name_in_words(e->model, reached->variable);
	return arena_print(e->arena,
			   "%.*s: if it was refused, the value itself, the "
			   "address or a proxy is next%s%.*s",
			   STR_FMT(reached ? reached->summary
					   : STR("the key arrived unchanged")),
			   near.len ? "; " : "", STR_FMT(near));
}

void write_headline(struct report *report, const struct evaluation *e)
{
	switch (report->verdict) {
	case FAULTY:
	case WARNED:
		report->headline = report->findings[0].summary;
		break;
	case EXONERATED:
		report->headline = exonerated(e, report);
		break;
	case HEALTHY:
		report->headline = healthy(e);
		break;
	case INCONCLUSIVE:
		report->headline = report->reason.len
					   ? report->reason
					   : STR("too little was seen to say");
		break;
	}
}
