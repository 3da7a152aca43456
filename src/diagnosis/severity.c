/* The severity of a finding: the table of docs/judgement.md. */
#include "diagnosis/evaluation.h"

#include "diagnosis/evidence/arguments.h"
#include "diagnosis/evidence/origin.h"
#include "diagnosis/evidence/requests/reader_requests.h"
#include "diagnosis/evidence/names/similar_names.h"
#include "diagnosis/evidence/unseen_hop.h"
#include "runtimes/runtime.h"

enum condition {
	ALWAYS,
	CLIENT_ASKED,	       /* a client of the name asked */
	ALTERNATIVE_OR_NO_ROW, /* the role of the name */
	NAMED_BY_USER,
	READS_COPIED,	  /* the reader may look in a copy of its environment */
	MEANT_FOR_READER, /* finding.is_meant */
	ENDED_AT_ONCE,	  /* client asked, or the asking function ended it */
	IN_A_ROW,	  /* the name is in the catalogue */
	NO_VALUE_AT_ALL,  /* the value stands for no value; no base URL */
	OTHER_ENDPOINT,	  /* a base URL is set, or a provider that speaks this
			     client's protocol */
	SAME_VALUE_WORKED, /* a later reader of the same value ended well */
};

/* A cell: `severity`, or `otherwise` where `when` does not hold. */
struct cell {
	enum severity severity;
	enum condition when;
	enum severity otherwise;
};

#define F                                                                      \
	{                                                                      \
		FAULT, ALWAYS, FAULT                                           \
	}
#define W                                                                      \
	{                                                                      \
		WARNING, ALWAYS, WARNING                                       \
	}
#define N                                                                      \
	{                                                                      \
		NOTE, ALWAYS, NOTE                                             \
	}
#define F_IF(when, otherwise)                                                  \
	{                                                                      \
		FAULT, when, otherwise                                         \
	}
#define W_IF(when, otherwise)                                                  \
	{                                                                      \
		WARNING, when, otherwise                                       \
	}
#define N_IF(when, otherwise)                                                  \
	{                                                                      \
		NOTE, when, otherwise                                          \
	}

/* clang-format off */
static const struct cell table[][3][5] = {
/*                   failed by it, failed,                       failed otherwise, unknown,                      well */
[LOSS_SEEN] = {
	[NEEDED] = { F, F,                                       W, F_IF(CLIENT_ASKED, WARNING),                 W },
	[WANTED] = { F, F_IF(ALTERNATIVE_OR_NO_ROW, WARNING),    N, W,                                           N },
	[OPTIONAL]={ F, N,                                       N, N,                                           N },
},
[LOSS_OUT_OF_SIGHT] = {
	[NEEDED] = { F, F_IF(NAMED_BY_USER, WARNING),            N, N_IF(READS_COPIED, WARNING),                 N },
	[WANTED] = { F, W,                                       N, N,                                           N },
	[OPTIONAL]={ F, N,                                       N, N,                                           N },
},
[LOSS_ELSEWHERE] = {
	[NEEDED] = { F, F,                                       W, W,                     W_IF(MEANT_FOR_READER, NOTE) },
	[WANTED] = { F, W,                                       N, N,                                           N },
	[OPTIONAL]={ F, N,                                       N, N,                                           N },
},
[LOSS_NOWHERE] = {
	[NEEDED] = { F, F_IF(ENDED_AT_ONCE, WARNING), W_IF(CLIENT_ASKED, NOTE), W_IF(IN_A_ROW, NOTE), W_IF(CLIENT_ASKED, NOTE) },
	[WANTED] = { F, W,                                       N, N,                                           N },
	[OPTIONAL]={ F, N,                                       N, N,                                           N },
},
[LOSS_MALFORMED] = {
	[NEEDED] = { F, F,                                       W, F_IF(NO_VALUE_AT_ALL, WARNING),              W },
	[WANTED] = { F, W,                                       N, N,                                           N },
	[OPTIONAL]={ F, N,                                       N, N,                                           N },
},
[LOSS_FOREIGN] = {
	[NEEDED] = { F, W_IF(OTHER_ENDPOINT, FAULT),             W, N_IF(OTHER_ENDPOINT, WARNING),               N },
	[WANTED] = { F, W,                                       N, N,                                           N },
	[OPTIONAL]={ F, N,                                       N, N,                                           N },
},
[LOSS_OTHER_VALUE] = {
	[NEEDED] = { F, W_IF(SAME_VALUE_WORKED, FAULT),          W, W,                     W_IF(MEANT_FOR_READER, NOTE) },
	[WANTED] = { F, W,                                       N, N,                                           N },
	[OPTIONAL]={ F, N,                                       N, N,                                           N },
},
[LOSS_OVERWRITTEN] = {
	[NEEDED] = { F, W_IF(SAME_VALUE_WORKED, FAULT),          W, N,                                           N },
	[WANTED] = { F, W,                                       N, N,                                           N },
	[OPTIONAL]={ F, N,                                       N, N,                                           N },
},
[LOSS_REQUEST] = {
	[NEEDED] = { F, F,                                       F, F,                                           W },
	[WANTED] = { F, F,                                       F, F,                                           W },
	[OPTIONAL]={ F, F,                                       F, F,                                           W },
},
[LOSS_NONE] = {
	[NEEDED] = { N, N, N, N, N },
	[WANTED] = { N, N, N, N, N },
	[OPTIONAL]={ N, N, N, N, N },
},
};
/* clang-format on */

/* --- conditions ----------------------------------------------------------- */

static bool is_alternative_or_no_row(struct str name)
{
	enum role role = role_of(name);

	return role == ROLE_ALTERNATIVE || role == ROLE_NONE;
}

/* Any client refuses such a value. A local model may want a placeholder word,
 * or any value at all. */
static bool stands_for_no_value(const struct reading *r)
{
	uint32_t none = KT_IS_LITERAL | KT_IS_UNEXPANDED | KT_IS_REFERENCE |
			KT_IS_BOOLEAN;

	if (has_known_form(r->name))
		none |= KT_IS_ASSIGNMENT | KT_IS_HEADER | KT_IS_JSON |
			KT_IS_COMMENT | KT_IS_KEY_AND_MORE | KT_IS_BASE64_KEY;
	return r->value && (r->value->is & none) && !has_base_url(r);
}

/* Providers whose keys go to the endpoints of a client of OpenAI. */
static bool has_other_endpoint(const struct reading *r)
{
	return has_base_url(r) ||
	       (r->value && str_is_listed(r->value->from, "openrouter groq"));
}

/* A reader which began after the newer value was there. */
static bool worked_elsewhere(const struct candidate *c)
{
	const struct reading *r = c->reading;
	const struct event *newer = c->finding.culprit_event;
	uint64_t since = c->finding.newer_since;

	if (!since)
		since = newer ? newer->t : 0;

	for (size_t i = 0; i < r->variable->n_readings && i < 256; i++) {
		const struct reading *o = r->variable->readings[i];

		if (o != r && o->outcome == READ_FOUND && r->value &&
		    model_is_evidence(o->image, r->image) &&
		    str_eq(o->value->fp, r->value->fp) &&
		    o->image->born > since && o->image->has_status &&
		    !o->image->status)
			return true;
	}
	return false;
}

static bool holds(enum condition when, const struct candidate *c)
{
	const struct reading *r = c->reading;

	switch (when) {
	case ALWAYS:
		return true;
	case CLIENT_ASKED:
		return c->ask.client_asks;
	case ALTERNATIVE_OR_NO_ROW:
		return is_alternative_or_no_row(r->name);
	case NAMED_BY_USER:
		return c->ask.named_by_user;
	case READS_COPIED:
		return may_look_in_copy(r->image) && !c->finding.was_looked_for;
	case MEANT_FOR_READER:
		return c->finding.is_meant ||
		       (c->finding.is_meant_for_client && c->ask.client_asks);
	case ENDED_AT_ONCE:
		return c->ask.client_asks || ended_at_once(r, &c->ask);
	case IN_A_ROW:
		return role_of(r->name) != ROLE_NONE;
	case NO_VALUE_AT_ALL:
		return stands_for_no_value(r);
	case OTHER_ENDPOINT:
		return has_other_endpoint(r);
	case SAME_VALUE_WORKED:
		return worked_elsewhere(c);
	}
	return false;
}

static enum severity look_up(const struct candidate *c)
{
	const struct cell *cell =
		&table[c->finding.loss][c->ask.need][c->ask.end];

	return holds(cell->when, c) ? cell->severity : cell->otherwise;
}

/* --- the answer ----------------------------------------------------------- */

/* True when a stranger only claims to be a descendant of the culprit. */
static bool is_foreign_claim(const struct candidate *c)
{
	const struct image *culprit = c->finding.culprit;

	return is_mere_claim(c->reading->image) && culprit &&
	       culprit->owner != c->reading->image->owner;
}

/* printenv looks through environ itself for the names in its arguments. */
static bool asks_by_argument(const struct reading *r)
{
	return str_eq(str_base(r->image->exe), STR("printenv")) &&
	       arguments_mention(r->image, r->name);
}

/* An image that never asked, although its reads are seen, needs nothing, unless
 * it looks in a copy. A
 * shell and make are no readers: the programs they start are. */
static bool needs_nothing(const struct candidate *c)
{
	const struct reading *r = c->reading;
	enum runtime_id id = runtime_of(r->image)->id;

	if (r->outcome != READ_NONE || r->unread || r->replaced ||
	    is_external_launch(r) || c->ask.end == FAILED_BY_IT ||
	    asks_by_argument(r))
		return false;
	return id == RUNTIME_SHELL || id == RUNTIME_MAKE ||
	       !(runtime_hides_reads(r->image) || find_hiding_copy(r->image));
}

/* A test put a value of its own in the place of the key: a mock did, or the
 * tests ended well with a value that no client takes. */
static bool is_stand_in(const struct candidate *c)
{
	const struct reading *r = c->reading;
	const struct event *set;

	if (!model_found_value(r))
		return false;
	if (c->finding.loss == LOSS_MALFORMED && c->ask.end == WELL &&
	    runs_tests(r->image))
		return true;
	set = find_origin(r).event;
	return set && is_mock(set);
}

static bool is_rule(const struct candidate *c, const char *code)
{
	return c->rule && !strcmp(c->rule->code, code);
}

/* Whatever the value looks like, and whatever a file holds beside: the host to
 * which it was sent took it. */
static bool is_proven_good(const struct candidate *c)
{
	return (c->finding.loss == LOSS_MALFORMED ||
		c->finding.loss == LOSS_FOREIGN ||
		c->finding.loss == LOSS_OTHER_VALUE) &&
	       was_accepted(c->reading);
}

/* The value in the place of another does in equal programs of the run. */
static bool is_good_elsewhere(const struct candidate *c)
{
	return is_rule(c, "KT303") && c->ask.end != FAILED_BY_IT &&
	       is_value_accepted(c->reading);
}

/* Out of sight, only the user can say that the name was needed, or the client's
 * error, where the object in the place of the environment lacks the name. */
static void limit_confidence(struct candidate *c)
{
	struct finding *f = &c->finding;

	if (f->loss != LOSS_OUT_OF_SIGHT || f->severity == NOTE)
		return;
	f->confidence = c->ask.named_by_user || (c->reading->replaced &&
						 c->ask.end == FAILED_BY_IT)
				? LIKELY
				: POSSIBLE;
}

/* The parent failed, perhaps by what the reader told. */
static void limit_by_message(struct candidate *c)
{
	if (c->ask.end == FAILED && !model_failed(c->reading->image) &&
	    c->finding.confidence == CERTAIN)
		c->finding.confidence = LIKELY;
}

/* What asked too early found the name later. */
static void limit_by_later_find(struct candidate *c)
{
	enum severity most = model_failed(c->reading->image) ? WARNING : NOTE;

	if (is_rule(c, "KT401") && c->ask.end != FAILED_BY_IT &&
	    c->finding.severity > most &&
	    found_later_by_asker(c->reading, &c->ask))
		c->finding.severity = most;
}

/* The process put the name back: a test wanted the name gone for a while, or
 * the line that missed the name was tried again. */
static bool is_put_back(const struct candidate *c)
{
	const struct reading *r = c->reading;

	return is_rule(c, "KT301") && r->loss->image == r->image &&
	       r->later_set && !model_failed(r->image) &&
	       (runs_tests(r->image) || is_mock(r->loss->event) ||
		found_later_from_line(r, &c->ask));
}

/* A key from elsewhere was refused, perhaps in the place of the missing one. */
static void raise_by_refused_key(struct candidate *c)
{
	if (c->finding.severity == NOTE && c->ask.need == NEEDED &&
	    is_refused_for_other_key(c->reading, &c->ask))
		c->finding.severity = WARNING;
}

/* A later start of the program has the newer value. */
static bool is_mended(const struct candidate *c)
{
	return is_rotated(c->reading) ||
	       (c->finding.newer_since && restarted_with_newer(c->reading));
}

void decide_severity(struct candidate *c)
{
	enum severity most = c->finding.severity;

	c->finding.severity = NOTE;
	if (c->ask.relieved || is_foreign_claim(c) || needs_nothing(c) ||
	    is_stand_in(c) || is_proven_good(c) || is_good_elsewhere(c) ||
	    is_put_back(c) || is_mended(c))
		return;
	if (c->finding.is_note_unless_given && !c->ask.named_by_user)
		return;
	c->finding.severity = look_up(c);
	if (c->finding.severity > most)
		c->finding.severity = most;
	limit_by_later_find(c);
	raise_by_refused_key(c);
	limit_confidence(c);
	limit_by_message(c);
}
