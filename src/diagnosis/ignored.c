/* What the user ignores: NAME, or NAME@SITE where SITE is the end of the
 * victim's or culprit's place. */
#include "diagnosis/evaluation.h"

#include "trace/site.h"

static bool ends_with(struct str text, struct str end)
{
	return end.len && str_has_suffix(text, end);
}

static bool is_at(const struct finding *f, struct str site)
{
	return ends_with(site_without_mark(f->victim_site), site) ||
	       ends_with(site_without_mark(f->culprit_site), site);
}

/* `f`: null when only a rule without a place may fit. */
static bool fits(struct str what, struct str name, const struct finding *f)
{
	const char *at = what.len ? memchr(what.at, '@', what.len) : NULL;
	size_t len = at ? (size_t)(at - what.at) : what.len;

	if (!str_eq(name, (struct str){what.at, len}))
		return false;
	return !at || (f && is_at(f, (struct str){at + 1, what.len - len - 1}));
}

static bool is_ignored(const struct evaluation *e, struct str name,
		       const struct finding *f)
{
	for (size_t i = 0; i < e->ignored->n; i++)
		if (fits(e->ignored->at[i], name, f))
			return true;
	return false;
}

bool is_ignored_reading(const struct evaluation *e, const struct reading *r)
{
	return is_ignored(e, r->name, NULL) ||
	       hashmap_find(e->ignored_readings, r, STR(""));
}

void take_out_ignored(struct evaluation *e, struct groups *ret)
{
	struct candidate **at = &e->first;

	while (*at) {
		struct candidate *c = *at;

		if (!is_ignored(e, c->finding.variable, &c->finding)) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		*hashmap_slot(e->ignored_readings, c->reading, STR("")) = c;
		if (c->rule->rank < RANK_ACQUITS)
			add_to_group(ret, c);
	}
	e->end = at;
}
