#include "diagnosis/evaluation.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/credential_names.h"
#include "runtimes/runtime.h"

/* A wildcard never equals. */
static bool has_word(const struct strs *words, struct str name)
{
	for (size_t i = 0; i < words->n; i++)
		if (str_eq(words->at[i], name))
			return true;
	return false;
}

/* A stranger names variables for that user's own processes alone. */
static bool is_named(const struct model *m, struct str asked_for,
		     const struct reading *r)
{
	const struct event *birth = r->image->birth;

	return str_eq(asked_for, r->name) || has_word(&m->watch, r->name) ||
	       (birth && has_word(&birth->watch, r->name));
}

/* An empty value says that there is none. */
static bool is_nothing(const struct reading *r)
{
	return r->outcome == READ_MISSED || (r->value->is & KT_IS_EMPTY);
}

/* Would a process that got `r` ask for `other`, and be content with that? Where
 * it got something of no use, what it asked for last is what it used. */
static bool serves_instead(const struct reading *other, const struct reading *r)
{
	if (is_nothing(other) || !is_substitute(other->name, r->name))
		return false;
	return is_nothing(r) ||
	       (!model_is_malformed(other->value) && other->event > r->event);
}

static bool found_relative(const struct reading *r)
{
	for (const struct reading *o = r->image->readings; o; o = o->next)
		if (o->outcome == READ_FOUND && serves_instead(o, r))
			return true;
	return false;
}

/* It was empty when first looked at, and not there when looked at again. */
static bool was_taken_away(const struct reading *r)
{
	if (r->outcome != READ_FOUND || !is_nothing(r))
		return false;
	for (const struct reading *o = r->image->readings; o; o = o->next)
		if (o->outcome == READ_MISSED && str_eq(o->name, r->name) &&
		    o->event > r->event)
			return true;
	return false;
}

static const struct image *launcher_of(const struct image *image)
{
	const struct image *up = image->parent;

	while (up && up->pid == image->pid)
		up = up->parent;
	return up;
}

/* The launcher's failure is laid at the door of a child that ended well only
 * when no other child failed it; never of one that was stopped. */
static bool failed_launcher(const struct image *image)
{
	const struct image *up = image->waiter;

	if (!up && image->handover && image->hop == HOP_SPAWN &&
	    !image->handover->has_child && image->handover->kind == KT_SPAWN)
		up = launcher_of(image); /* system and pclose wait inside */
	return up && model_failed(up) && !model_was_stopped(image) &&
	       !(image->has_status && !image->status && up->child_failed);
}

static bool failed_after(const struct reading *r)
{
	return model_failed(r->image) || failed_launcher(r->image);
}

static bool holds_word(struct str text, const char *word)
{
	return text.len && memmem(text.at, text.len, word, strlen(word));
}

/* A library's own code, as languages lay it out. */
static bool is_library(struct str site)
{
	static const char *const places[] = {
		"/node_modules/", "/site-packages/", "/dist-packages/",
		"/gems/",	  "/usr/lib/",	     "/vendor/"};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (holds_word(site, places[i]))
			return true;
	return false;
}

static bool found_any_key(const struct image *image)
{
	for (const struct reading *o = image->readings; o; o = o->next)
		if (o->outcome == READ_FOUND && credential_family(o->name) &&
		    !model_is_malformed(o->value))
			return true;
	return false;
}

/* A name that is no well-known one, and that a library asked for beside the key
 * that the program got; or a switch. What failed, failed without it. */
static bool is_aside(const struct reading *r)
{
	if (credential_family(r->name))
		return false;
	return holds_word(r->name, "_DISABLE_") ||
	       (is_library(r->event->site) && found_any_key(r->image));
}

/* What it set went on to somebody who found it. The first few readers tell. */
static bool found_below(const struct reading *r)
{
	const struct variable *v = r->variable;

	for (size_t i = 0; i < v->n_readings && i < 256; i++) {
		const struct reading *o = v->readings[i];
		const struct image *at = o->image;

		if (o->outcome != READ_FOUND || o->event < r->later_set)
			continue;
		for (size_t climbs = 64; at && climbs; at = at->parent)
			if (at == r->image)
				return true;
			else
				climbs--;
	}
	return false;
}

/* A program that gives a name its default where there is none. */
static bool set_default(const struct reading *r, bool named)
{
	return r->later_set && !failed_after(r) &&
	       (found_below(r) || (!named && !is_credential_name(r->name)));
}

/* Nobody was seen to ask; but who could have seen it? */
static bool failed_unheard(const struct reading *r)
{
	return runtime_hides_reads(r->image) && model_failed(r->image);
}

static void decide_unread(struct candidate *c)
{
	struct finding *f = &c->finding;

	if (c->reading->value)
		return; /* a strange value: as the rule says */
	f->severity = failed_unheard(c->reading) ? WARNING : NOTE;
	if (f->severity == WARNING)
		f->confidence = POSSIBLE;
}

static enum severity lesser(enum severity a, enum severity b)
{
	return a < b ? a : b;
}

/* Nobody can say whether it was wanted there. Does the user say so, did what
 * waited for it fail: each is worth something. */
static void decide_external_launch(struct candidate *c, bool named)
{
	struct finding *f = &c->finding;
	bool failed = failed_after(c->reading);

	if (!failed && !named)
		f->severity = NOTE;
	else if (!failed || !named)
		f->severity = lesser(f->severity, f->severity_if_no_failure);
	if (failed && named && f->confidence == POSSIBLE)
		f->confidence = LIKELY;
}

void decide_severity(const struct model *m, struct str asked_for,
		     struct candidate *c)
{
	const struct reading *r = c->reading;
	struct finding *f = &c->finding;
	bool missed = r->outcome == READ_MISSED;

	if (is_external_launch(r)) {
		decide_external_launch(c, is_named(m, asked_for, r));
		return;
	}
	if (r->outcome == READ_NONE) {
		decide_unread(c);
		return;
	}
	if (is_mere_claim(r->image) && f->culprit &&
	    f->culprit->owner != r->image->owner) {
		f->severity = f->severity_if_no_failure = NOTE;
		return;
	}
	if (found_relative(r)) {
		f->severity =
			lesser(f->severity, is_nothing(r) ? NOTE : WARNING);
		return;
	}
	if (was_taken_away(r))
		f->severity = lesser(f->severity, WARNING);
	if (missed &&
	    (r->later_found || set_default(r, is_named(m, asked_for, r))))
		f->severity = lesser(f->severity, WARNING);
	if (f->held_upstream || (missed && is_named(m, asked_for, r)))
		return;
	if (!failed_after(r) || (missed && !f->held_nearby && is_aside(r))) {
		f->severity = lesser(f->severity, f->severity_if_no_failure);
		return;
	}
	c->only_because_it_failed = f->severity == FAULT && !f->held_nearby;
	if (c->only_because_it_failed)
		f->confidence = POSSIBLE;
}
