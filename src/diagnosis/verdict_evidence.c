#include "diagnosis/verdict_evidence.h"

#include "diagnosis/end.h"
#include "diagnosis/evidence/names/held_name.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/requests/reader_requests.h"
#include "diagnosis/unseen_reads/unheld_credential.h"
#include "model/place.h"
#include "runtimes/runtime.h"

/* --- values -----------------------------------------------------------------
 */

/* True when every image from the root on was observed, or when each unobserved
 * image passed on the value given to the image. */
static bool is_clear(const struct reading *r)
{
	const struct value *given = NULL;

	if (r->image->observed_from_root)
		return true;
	for (const struct image *i = r->image; i; i = i->parent)
		if (!i->observed &&
		    (model_inherited(i, r->name, &given) != PRESENT ||
		     !str_eq(given->fp, r->value->fp)))
			return false;
	return true;
}

static bool has_own_form(const struct reading *r)
{
	const char *form = form_of(r->name);

	return !form || (str_eq(r->value->from, str_of(form)) &&
			 !(r->value->is & KT_IS_KEY_AND_MORE));
}

/* A value that cannot be trusted to be right: another provider's, or without
 * the form that the name's provider gives its keys. */
static bool is_spoilt(const struct reading *r, const struct ask *ask)
{
	if (was_accepted(r))
		return false;
	if (model_is_malformed(r->value) ||
	    is_foreign_form(r->name, r->value->from))
		return true;
	return ask->end != WELL && !has_base_url(r) && !has_own_form(r);
}

/* --- settings ---------------------------------------------------------------
 */

/* The image found a key of the setting's provider. */
static bool is_of_found_key(const struct reading *r)
{
	for (const struct reading *o = r->image->readings; o; o = o->next)
		if (model_found_value(o) && role_of(o->name) != ROLE_SETTING &&
		    are_of_one_provider(o->name, r->name))
			return true;
	return false;
}

static void note_setting(struct verdict_evidence *s, const struct reading *r,
			 const struct ask *ask)
{
	if (role_of(r->name) != ROLE_SETTING || !is_of_found_key(r))
		return;
	if (!s->bad_setting && r->value && model_is_malformed(r->value))
		s->bad_setting = r;
	if (!s->setting && is_nothing(r) && !ask->relieved &&
	    (r->value || is_held_upstream(r)))
		s->setting = r;
}

/* --- readings ---------------------------------------------------------------
 */

static bool has_failed(const struct reading *r, const struct ask *ask)
{
	return ask->refusal || model_failed(r->image) || r->image->child_failed;
}

/* In an interpreter that is not heard, nobody knows whether the program asked
 * or a library. */
static bool is_asker_known(const struct asker *a)
{
	return a->who != OTHER_LIBRARY || a->package.len || a->site.len;
}

/* A request with the value stands for the read. */
static bool is_sent(const struct reading *r)
{
	return r->event && r->event->kind == KT_REQUEST &&
	       role_of(r->name) <= ROLE_ALTERNATIVE;
}

/* Of several sources any will do: the one that the client found is the one that
 * the client needs. */
static bool is_needed(const struct reading *r, const struct ask *ask)
{
	enum role role = role_of(r->name);

	return ask->need == NEEDED || is_sent(r) ||
	       (role_of(r->name) != ROLE_SETTING && was_accepted(r)) ||
	       (role == ROLE_ALTERNATIVE && ask->asker.who == ITS_CLIENT) ||
	       (role == ROLE_KEY && !is_asker_known(&ask->asker));
}

static bool is_of_tool(const struct reading *r, const struct asker *a)
{
	return a->who == OTHER_LIBRARY && !a->site.len &&
	       !runtime_interprets(r->image);
}

/* A URL of a database may have a password in it. A setting of a client of
 * models is no credential. */
static bool is_no_credential(struct str name)
{
	const struct str known = STR("OPENAI_API_KEY");

	return role_of(name) == ROLE_SETTING &&
	       (are_of_one_provider(name, known) ||
		are_of_one_kind(name, known));
}

/* Beside a setting the key was refused. */
static bool is_refused_itself(const struct reading *r, const struct ask *ask)
{
	return ask->refusal &&
	       (role_of(r->name) != ROLE_SETTING || find_refusal(r));
}

static void note_found(const struct model *m, struct verdict_evidence *s,
		       const struct reading *r, const struct ask *ask)
{
	if (!s->found || ask->need > s->found_need) {
		s->found = r;
		s->found_need = ask->need;
		s->is_found_by_tool = is_of_tool(r, &ask->asker);
	}
	s->found_key |= !is_no_credential(r->name);
	if (!s->found_needed && is_needed(r, ask))
		s->found_needed = r;
	if (!s->unclear && !is_clear(r))
		s->unclear = r;
	if (!s->spoilt && ask->need > OPTIONAL && is_spoilt(r, ask))
		s->spoilt = r;
	if (!s->changed && ask->need > OPTIONAL && ask->end != WELL &&
	    has_other_value(m, r) && !is_value_accepted(r))
		s->changed = r;
	if (!s->refused && ask->need > OPTIONAL && is_refused_itself(r, ask))
		s->refused = r;
	if (!s->unread && ask->need > OPTIONAL && ask->end != WELL &&
	    !ask->refusal && !was_accepted(r) && find_unseen_requests(r))
		s->unread = r;
	if (!has_failed(r, ask))
		return;
	if (!s->failed_reader && !is_no_credential(r->name))
		s->failed_reader = r;
	if (!s->formless && ask->need > OPTIONAL && !has_own_form(r))
		s->formless = r;
}

/* Keys before settings; names of one role stand in the catalogue with the best
 * known first. */
static bool is_asked_more(const struct verdict_evidence *s,
			  const struct reading *r, const struct ask *ask)
{
	if (ask->need != s->asked_need)
		return ask->need > s->asked_need;
	if (role_of(r->name) != role_of(s->asked->name))
		return role_of(r->name) < role_of(s->asked->name);
	return are_of_one_provider(r->name, s->asked->name) &&
	       find_credential(r->name) < find_credential(s->asked->name);
}

/* A library other than a client may ask for any name, on behalf of nobody, and
 * so may a client that is only imported. */
static bool is_aside(const struct ask *ask)
{
	return ask->need == OPTIONAL && ask->asker.who == OTHER_LIBRARY &&
	       (ask->asker.is_at_import || !ask->asker.user_site.len);
}

static void note_taken(const struct model *m, struct verdict_evidence *s,
		       const struct reading *r, const struct ask *ask)
{
	if (s->taker || !ask->event || ask->need == OPTIONAL)
		return;
	s->taken = file_taken(m, r, ask->event, &ask->asker);
	s->taker = s->taken.by ? r : NULL;
}

/* A test wanted the name gone for a while, and ended well. */
static bool is_meant_to_miss(const struct reading *r, const struct ask *ask)
{
	return ask->end == WELL && !ask->named_by_user &&
	       is_put_back_by_mock(r);
}

static void note_missed(struct verdict_evidence *s, const struct reading *r,
			const struct ask *ask)
{
	if (is_meant_to_miss(r, ask))
		return;
	if (!s->accepted_instead && ask->need == NEEDED && ask->relieved &&
	    find_accepted_instead(r))
		s->accepted_instead = r;
	if (!ask->relieved && !is_aside(ask) &&
	    (!s->asked || is_asked_more(s, r, ask))) {
		s->asked = r;
		s->asked_need = ask->need;
	}
	if (!s->missed && !ask->relieved && ask->need == NEEDED &&
	    !found_later_by_asker(r, ask))
		s->missed = r;
	if (!s->unmet && !ask->relieved && ask->need > OPTIONAL &&
	    has_failed(r, ask))
		s->unmet = r;
}

static void note_loss(struct verdict_evidence *s, const struct reading *r)
{
	if (!r->loss || r->later_found)
		return;
	if (!s->unseen && r->loss->kind == LOST_UNSEEN)
		s->unseen = r;
	if (r->outcome != READ_NONE || !model_failed(r->image))
		return;
	if (!s->hidden && runtime_hides_reads(r->image))
		s->hidden = r;
	if (!s->maybe_hidden &&
	    (runtime_hides_reads(r->image) || may_look_in_copy(r->image)))
		s->maybe_hidden = r;
}

/* A program of the user's own may have looked, in a copy of its own or in a
 * language whose reads are not seen. */
static bool may_look_unseen(const struct image *image)
{
	const struct event *copy = find_hiding_copy(image), none = {.n = 0};
	enum runtime_id id = runtime_of(image)->id;

	if (copy)
		return !is_settings_copy(image, copy);
	return runtime_hides_reads(image) && id != RUNTIME_SHELL &&
	       id != RUNTIME_MAKE &&
	       who_asks(image, &none, STR("")).who == OWN_CODE;
}

/* A key that was taken away from such a program. */
static void note_lost_unseen(const struct evaluation *e,
			     struct verdict_evidence *s,
			     const struct reading *r)
{
	if (!s->lost_unseen && r->outcome == READ_NONE && r->loss &&
	    is_held_upstream(r) && !found_alternative(r) &&
	    need_of_unseen(e, r) == NEEDED && may_look_unseen(r->image))
		s->lost_unseen = r;
}

static void note_ignored(const struct evaluation *e, struct verdict_evidence *s,
			 const struct reading *r)
{
	if (r->outcome != READ_NONE)
		s->is_ignored |= strongest_ask(e, r).need > OPTIONAL;
}

static void note_reading(const struct evaluation *e, struct verdict_evidence *s,
			 const struct reading *r)
{
	struct ask ask;

	if (is_ignored_reading(e, r)) {
		note_ignored(e, s, r);
		return;
	}
	note_loss(s, r);
	note_lost_unseen(e, s, r);
	if (r->outcome == READ_NONE || is_mended_start(r->image))
		return;
	s->any_reader = true;
	ask = strongest_ask(e, r);
	note_setting(s, r, &ask);
	if (is_nothing(r)) {
		note_taken(e->model, s, r, &ask);
		note_missed(s, r, &ask);
	} else {
		note_found(e->model, s, r, &ask);
	}
	if (!s->failed && ask.refusal && ask.need > OPTIONAL)
		s->failed = r->image;
	if (!s->failed && ask.need == NEEDED &&
	    (ask.end == FAILED || ask.end == FAILED_BY_IT ||
	     ask.end == FAILED_OTHERWISE))
		s->failed = r->image;
}

/* --- images -----------------------------------------------------------------
 */

static bool starts_unseen(const struct image *image)
{
	return model_bypasses_libc(image) &&
	       (image->first_child || model_failed(image));
}

/* True for a program started with the recorder, when neither the program nor
 * its children recorded an event. */
static bool is_silent(const struct image *image)
{
	return !image->observed && image->hop == HOP_EXEC &&
	       !image->first_child && image->gap == GAP_NO_TRACE;
}

/* The root, or what the root became by exec. */
static bool is_in_root_process(const struct image *image)
{
	while (image->hop == HOP_EXEC && image->parent)
		image = image->parent;
	return image->hop == HOP_ROOT;
}

static bool has_become_another(const struct image *image)
{
	for (const struct image *c = image->first_child; c; c = c->next_sibling)
		if (c->hop == HOP_EXEC)
			return true;
	return false;
}

/* The launcher of a failed helper went on, and did not fail itself. */
static bool is_made_good(const struct image *image)
{
	return is_tolerated(image) && !model_failed(image->waiter);
}

/* A set-id helper of a library or tool, as of a terminal's records: no command
 * of the run, and no program of the user's is beyond. */
static bool is_helper_of_tool(const struct image *image)
{
	static const struct str folders[] = {STR("/usr/lib/"),
					     STR("/usr/libexec/")};
	const struct image *up = image->waiter ? image->waiter : image->parent;

	if (image->gap != GAP_SETUID || image->first_child || !up ||
	    model_failed(up))
		return false;
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if (image->exe.len > folders[i].len &&
		    !memcmp(image->exe.at, folders[i].at, folders[i].len))
			return true;
	return false;
}

/* A failed image before the others. */
static void note_copy(const struct evaluation *e, struct verdict_evidence *s,
		      const struct image *image)
{
	const struct event *copy = find_hiding_copy(image);

	if (!copy)
		return;
	if (!s->copied || (model_failed(image) && !model_failed(s->copied)))
		s->copied = image;
	if (!s->copy_held && is_settings_copy(image, copy) &&
	    image->has_status && !image->status &&
	    held_by_copy(e, image, copy).len)
		s->copy_held = image;
}

static bool is_empty_credential(const struct request *q)
{
	const struct sent_credentials *list = &q->event->credentials;

	for (size_t i = 0; i < list->n; i++)
		if (!(list->at[i].value.is & KT_IS_EMPTY))
			return false;
	return list->n;
}

/* A compiled client such as curl asks for nothing: the shell expanded a name in
 * vain. */
static void note_refused_empty(struct verdict_evidence *s,
			       const struct image *image)
{
	if (runtime_interprets(image))
		return;
	for (size_t i = 0; i < image->n_requests && !s->refused_empty; i++) {
		const struct request *q = &image->requests[i];

		if (!q->event->incoming && is_refused(q) &&
		    !q->host_accepts_later && is_empty_credential(q))
			s->refused_empty = q;
	}
}

static void note_image(const struct evaluation *e, struct verdict_evidence *s,
		       struct image *image)
{
	note_refused_empty(s, image);
	note_copy(e, s, image);
	if (!s->lost_unseen)
		s->lost_unseen = find_expanded_in_vain(e, image);
	if (!s->failed && is_in_root_process(image) && model_failed(image))
		s->failed = image;
	if (!s->launcher && starts_unseen(image))
		s->launcher = image;
	if (!s->running && is_in_root_process(image) && image->observed &&
	    !model_has_ended(image) && !has_become_another(image))
		s->running = image;
	if (!s->silent && is_silent(image))
		s->silent = image;
	if (!s->sender && image->unseen_requests)
		s->sender = image;
	if (image->observed)
		return;
	s->gap = s->gap ? s->gap : image;
	if (model_failed(image) && !is_made_good(image) &&
	    !is_helper_of_tool(image) && !s->failed_gap)
		s->failed_gap = image;
}

struct verdict_evidence find_verdict_evidence(const struct evaluation *e)
{
	const struct model *m = e->model;
	struct verdict_evidence s = {
		.lost_events = m->trace->lost > 0,
		.folded = model_reads_folded(
			m, e->named->n == 1 ? e->named->at[0] : STR(""))};

	s.is_ignored = e->ignored_findings->n &&
		       e->ignored_findings->at[0]->finding.severity > NOTE;
	for (size_t i = 0; i < m->n_readings; i++)
		if (!e->named->n || is_listed(e->named, m->readings[i].name))
			note_reading(e, &s, &m->readings[i]);
	for (size_t i = 0; i < m->n_images; i++)
		note_image(e, &s, m->images[i]);
	s.unheld = find_unheld_credential(m, s.asked);
	return s;
}
