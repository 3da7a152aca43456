#include "diagnosis/evaluation.h"
#include "diagnosis/evidence/unseen_hop.h"
#include "runtimes/runtime.h"

static enum severity lesser(enum severity a, enum severity b)
{
	return a < b ? a : b;
}

static void limit_severity(struct finding *f, enum severity most)
{
	f->severity = lesser(f->severity, most);
}

/* The variable was lost without a read. A malformed value keeps the severity
 * given by the rule. */
static void decide_unread(struct candidate *c)
{
	const struct reading *r = c->reading;
	struct finding *f = &c->finding;

	if (r->value)
		return;
	f->severity = NOTE;
	if (runtime_hides_reads(r->image) && model_failed(r->image)) {
		f->severity = WARNING;
		f->confidence = POSSIBLE;
	}
}

/* The trace cannot show whether a program elsewhere needed the variable. Two
 * signs count: the user named the variable, and the launcher failed. */
static void decide_external_launch(struct candidate *c, bool named_by_user)
{
	struct finding *f = &c->finding;
	bool failed = failed_after(c->reading);

	if (!failed && !named_by_user)
		f->severity = NOTE;
	else if (!failed || !named_by_user)
		limit_severity(f, f->severity_if_no_failure);
	if (failed && named_by_user && f->confidence == POSSIBLE)
		f->confidence = LIKELY;
}

static void decide_read(struct candidate *c, bool named_by_user)
{
	const struct reading *r = c->reading;
	struct finding *f = &c->finding;
	bool missed = r->outcome == READ_MISSED;

	if (was_removed_after_read(r))
		limit_severity(f, WARNING);
	if (missed && (r->later_found || set_default(r, named_by_user)))
		limit_severity(f, WARNING);
	if (f->held_upstream || (missed && named_by_user))
		return;
	if (!failed_after(r) || (missed && !f->held_nearby && is_extra(r))) {
		limit_severity(f, f->severity_if_no_failure);
		return;
	}
	c->only_because_it_failed = f->severity == FAULT && !f->held_nearby;
	if (c->only_because_it_failed)
		f->confidence = POSSIBLE;
}

/* True when a stranger only claims to be a descendant of the culprit. */
static bool is_foreign_claim(const struct candidate *c)
{
	const struct image *culprit = c->finding.culprit;

	return is_mere_claim(c->reading->image) && culprit &&
	       culprit->owner != c->reading->image->owner;
}

void decide_severity(const struct model *m, struct str user_variable,
		     struct candidate *c)
{
	const struct reading *r = c->reading;
	bool named = is_named_by_user(m, user_variable, r);

	if (is_external_launch(r))
		decide_external_launch(c, named);
	else if (r->outcome == READ_NONE)
		decide_unread(c);
	else if (is_foreign_claim(c))
		c->finding.severity = c->finding.severity_if_no_failure = NOTE;
	else if (found_substitute(r))
		limit_severity(&c->finding, is_nothing(r) ? NOTE : WARNING);
	else
		decide_read(c, named);
}
