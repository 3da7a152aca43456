#include "diagnosis/unseen_reads/unheld_credential.h"

#include "catalogue/hosts.h"
#include "diagnosis/evidence/requests/default_credential.h"
#include "diagnosis/evidence/requests/reader_requests.h"
#include "model/place.h"
#include "model/process_name.h"

enum { MOST_LOOKS = 4096 };

/* --- the credential ---------------------------------------------------------
 */

static bool is_value_of_variable(const struct model *m, const struct request *q)
{
	const struct sent_credentials *list = &q->event->credentials;

	for (size_t i = 0; i < list->n; i++)
		if (list->at[i].name.len)
			return true;
	for (size_t i = 0; i < m->n_variables; i++)
		for (size_t k = 0; k < m->variables[i].n_values; k++)
			if (request_carries(q, m->variables[i].values[k].value))
				return true;
	return false;
}

static bool is_unheld(const struct model *m, const struct request *q)
{
	return !q->event->incoming && q->response &&
	       request_has_credential(q) && !is_value_of_variable(m, q);
}

/* The line of a file of the run with the value. */
struct file_line {
	const struct event *file; /* null: none */
	const struct file_variable *variable;
};

static struct file_line find_line(const struct model *m,
				  const struct request *q)
{
	for (size_t i = 0; i < m->n_env_files; i++) {
		const struct event *e = m->env_files[i];

		for (size_t k = 0; k < e->file->n; k++)
			if (e->file->variables[k].value.fp.len &&
			    request_carries(q, &e->file->variables[k].value))
				return (struct file_line){
					e, &e->file->variables[k]};
	}
	return (struct file_line){.file = NULL};
}

static bool was_opened(const struct image *image, const struct event *file)
{
	for (size_t i = 0; i < image->n_opens; i++)
		if (!image->opens[i]->has_errno &&
		    str_eq(image->opens[i]->path, file->path))
			return true;
	return false;
}

/* A file that the sender opened, and that has another value of a key. */
static struct file_line find_other_line(const struct model *m,
					const struct request *q)
{
	for (size_t i = 0; i < m->n_env_files; i++) {
		const struct event *e = m->env_files[i];

		for (size_t k = 0; was_opened(q->image, e) && k < e->file->n;
		     k++)
			if (e->file->variables[k].value.fp.len &&
			    role_of(e->file->variables[k].name) <=
				    ROLE_ALTERNATIVE)
				return (struct file_line){
					e, &e->file->variables[k]};
	}
	return (struct file_line){.file = NULL};
}

static bool is_unexpanded(const struct request *q)
{
	const struct sent_credentials *list = &q->event->credentials;

	for (size_t i = 0; i < list->n; i++)
		if (list->at[i].value.is & KT_IS_UNEXPANDED)
			return true;
	return false;
}

/* The credential stands for a read that was not seen. */
static bool stands_for_read(const struct model *m, const struct request *q,
			    const struct reading *asked)
{
	if (!model_failed(q->image) &&
	    (provider_of_host(q->event->host) || is_for_models(q)))
		return true;
	return find_line(m, q).file ||
	       (asked && (is_sent_by_client(q, asked->name) ||
			  is_right_host(q->event->host, asked)));
}

static void note_request(const struct model *m, struct unheld_credential *s,
			 const struct request *q, const struct reading *asked)
{
	if (!is_unheld(m, q))
		return;
	if (!s->refused && is_refused(q) && !q->host_accepts_later)
		s->refused = q;
	if (!s->accepted && request_is_accepted(q) &&
	    stands_for_read(m, q, asked))
		s->accepted = q;
}

struct unheld_credential find_unheld_credential(const struct model *m,
						const struct reading *asked)
{
	struct unheld_credential s = {NULL, NULL};
	size_t looks = MOST_LOOKS;

	for (size_t i = 0; m->n_requests && i < m->n_images; i++)
		for (size_t k = 0; k < m->images[i]->n_requests && looks; k++) {
			looks--;
			note_request(m, &s, &m->images[i]->requests[k], asked);
		}
	return s;
}

/* --- words ------------------------------------------------------------------
 */

static struct str sender_in_words(struct arena *a, const struct request *q)
{
	struct str site = site_to_edit(q->image, q->event);

	return place_has_line(site) ? place_in_words(a, q->image, site)
				    : process_in_sentence(a, q->image);
}

/* ".env:1" */
static struct str line_in_words(struct arena *a, const struct request *q,
				const struct file_line *l)
{
	return place_in_words(
		a, q->image, line_of_assignment(a, l->file, l->variable->name));
}

static struct str credential_in_words(const struct model *m,
				      const struct request *q)
{
	struct file_line l = find_line(m, q);

	if (is_unexpanded(q))
		return STR("a reference that nobody expanded, such as $NAME,");
	if (!l.file)
		return STR("a credential that no variable of the run held");
	return arena_print(m->arena, "%.*s of %.*s", STR_FMT(l.variable->name),
			   STR_FMT(line_in_words(m->arena, q, &l)));
}

/* Which key may have been meant. */
static struct str other_key_in_words(const struct model *m,
				     const struct request *q,
				     const struct variable *held)
{
	struct file_line l = find_other_line(m, q);

	if (held)
		return arena_print(m->arena,
				   "; %.*s is held by %zu process%s, and was "
				   "asked for by nobody",
				   STR_FMT(held->name), held->processes,
				   held->processes == 1 ? "" : "es");
	if (find_line(m, q).file || !l.file)
		return STR("");
	return arena_print(m->arena,
			   "; %.*s, which the program opened, now has another "
			   "%.*s",
			   STR_FMT(line_in_words(m->arena, q, &l)),
			   STR_FMT(l.variable->name));
}

struct doubt doubt_unheld(const struct evaluation *e, const struct request *q,
			  const struct variable *held)
{
	const struct model *m = e->model;
	struct arena *a = e->arena;

	return new_doubt(a, "not-read",
			 "%.*s sends %.*s to %.*s, and is refused (%.*s)%.*s; "
			 "keytrail replay has the requests",
			 STR_FMT(sender_in_words(a, q)),
			 STR_FMT(credential_in_words(m, q)),
			 STR_FMT(host_in_words(a, q)),
			 STR_FMT(answer_in_words(a, q)),
			 STR_FMT(other_key_in_words(m, q, held)));
}

struct str accepted_unheld_in_words(const struct evaluation *e,
				    const struct request *q)
{
	struct arena *a = e->arena;

	return arena_print(
		a, "%.*s sent %.*s, and %.*s accepted it (%.*s)%s",
		STR_FMT(sender_in_words(a, q)),
		STR_FMT(credential_in_words(e->model, q)),
		STR_FMT(host_in_words(a, q)), STR_FMT(answer_in_words(a, q)),
		find_line(e->model, q).file
			? ": taken from the file, not from the environment"
			: "");
}
