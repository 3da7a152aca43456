#include "diagnosis/evaluation.h"

#include "base/array.h"
#include "trace/site.h"

/* worker-1 and worker-17 become worker-#: equal. */
static struct str mask_digits(struct arena *a, struct str s)
{
	char *to = TAKE(a, char, s.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < s.len; i++) {
		bool digit = s.at[i] >= '0' && s.at[i] <= '9';

		if (digit && len && to[len - 1] == '#')
			continue;
		to[len++] = digit ? '#' : s.at[i];
	}
	return (struct str){to, len};
}

static const struct image *no_image(void)
{
	static const struct image none;

	return &none;
}

/* The texts, with a line feed behind each. */
static struct str join_texts(struct arena *a, const struct str *texts, size_t n)
{
	size_t room = n, len = 0;
	char *to;

	for (size_t i = 0; i < n; i++)
		room += texts[i].len;
	to = TAKE(a, char, room);
	for (size_t i = 0; i < n; i++) {
		if (texts[i].len)
			memcpy(to + len, texts[i].at, texts[i].len);
		len += texts[i].len;
		to[len++] = '\n';
	}
	return (struct str){to, len};
}

/* A stranger's process is never equal to another user's. */
static struct str owner_key(struct arena *a, const struct image *image)
{
	return image->owner ? arena_print(a, "%u", image->owner) : STR("");
}

/* Where the culprit acted, without names that were looked up. */
static struct str culprit_place(const struct finding *f)
{
	const struct event *e = f->culprit_event;

	return e && str_eq(f->culprit_site, event_site(e)) ? event_place(e)
							   : f->culprit_site;
}

static struct str cause_key(struct arena *a, const struct finding *f)
{
	const struct image *culprit = f->culprit ? f->culprit : no_image();
	const struct str texts[] = {str_of(f->code),	  f->variable,
				    culprit->exe,	  culprit->command,
				    f->operation,	  culprit_place(f),
				    owner_key(a, culprit)};

	return join_texts(a, texts, sizeof texts / sizeof *texts);
}

static struct str full_key(struct arena *a, const struct finding *f,
			   struct str cause)
{
	const struct image *victim = f->victim ? f->victim : no_image();
	const struct str texts[] = {cause, victim->exe,
				    mask_digits(a, victim->command),
				    owner_key(a, victim)};

	return join_texts(a, texts, sizeof texts / sizeof *texts);
}

/* The group is reported as its worst candidate; of equally bad candidates as
 * the candidate with better evidence, then as the first. */
static void join_group(struct candidate *standing, const struct candidate *c)
{
	uint64_t count = standing->finding.count + 1;

	if (c->finding.severity > standing->finding.severity ||
	    (c->finding.severity == standing->finding.severity &&
	     c->ask.end == FAILED_BY_IT && standing->ask.end != FAILED_BY_IT))
		*standing = *c;
	standing->finding.count = count;
}

/* A loss without a read adds nothing when a reader lost the variable by the
 * same cause. Readers arrive first. */
void add_to_group(struct groups *g, struct candidate *c)
{
	struct str cause = cause_key(g->arena, &c->finding);
	void **known = hashmap_slot(g->causes, NULL, cause);
	struct candidate *first = *known, *equal;
	void **slot;

	if (first && c->reading->outcome == READ_NONE &&
	    first->reading->outcome != READ_NONE)
		return;
	if (!first)
		*known = c;
	slot = hashmap_slot(g->equals, NULL,
			    full_key(g->arena, &c->finding, cause));
	equal = *slot;
	if (equal) {
		join_group(equal, c);
		return;
	}
	c->finding.count = 1;
	*slot = c;
	*ARRAY_ADD(g->arena, g->at, g->n, g->room) = c;
}

/* --- names of one finding ---------------------------------------------------
 */

/* Names which one reader missed for one cause: names held nowhere, names which
 * one hop withheld from readers out of sight, and names of one provider. */
static bool is_one_cause(const struct candidate *a, const struct candidate *b)
{
	return a->finding.victim == b->finding.victim &&
	       a->finding.culprit == b->finding.culprit &&
	       a->finding.loss == b->finding.loss &&
	       a->reading->outcome == b->reading->outcome &&
	       str_eq(culprit_place(&a->finding), culprit_place(&b->finding));
}

/* Candidates with equal keys, of one image, may be one finding. len 0: the
 * candidate stands alone. */
static struct str names_key(struct arena *a, const struct candidate *c)
{
	const struct credential *row = find_credential(c->finding.variable);

	if (c->reading->outcome == READ_FOUND)
		return (struct str){NULL, 0};
	if (c->finding.loss == LOSS_NOWHERE ||
	    c->finding.loss == LOSS_OUT_OF_SIGHT)
		return str_of(c->rule->code);
	if (c->finding.loss == LOSS_SEEN && row)
		return arena_print(a, "%s %s", c->rule->code, row->provider);
	return (struct str){NULL, 0};
}

/* Do the user's file and the library's, where one asks, agree? */
static bool asks_in_same_files(const struct finding *a, const struct finding *b)
{
	return sites_share_file(a->victim_site, b->victim_site) &&
	       sites_share_file(a->victim_via, b->victim_via);
}

/* Names asked for in the same files stand first: sentences tell these alone. */
static void add_name(struct arena *a, struct finding *to,
		     const struct finding *from)
{
	bool is_here = asks_in_same_files(to, from);
	size_t n = to->others.n, at = is_here ? to->n_asked_here++ : n;
	struct str *names = TAKE(a, struct str, n + 1);

	for (size_t i = 0; i < n; i++)
		names[i + (i >= at)] = to->others.at[i];
	names[at] = from->variable;
	to->others = (struct strs){names, n + 1};
}

/* The candidate that `c` joins, or null. */
static struct candidate *find_namesake(struct hashmap *known, struct arena *a,
				       struct candidate *c)
{
	struct str key = names_key(a, c);
	void **slot;

	if (!key.len)
		return NULL;
	slot = hashmap_slot(known, c->reading->image, key);
	if (!*slot)
		*slot = c;
	return *slot != c && is_one_cause(*slot, c) ? *slot : NULL;
}

/* The groups are sorted: the first of each cause stands for the rest. */
void join_names(struct groups *g)
{
	struct hashmap *known = hashmap_new(g->arena);
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		struct candidate *first =
			find_namesake(known, g->arena, g->at[i]);

		if (first)
			add_name(g->arena, &first->finding, &g->at[i]->finding);
		else
			g->at[n++] = g->at[i];
	}
	g->n = n;
}
