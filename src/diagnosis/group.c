#include "diagnosis/evaluation.h"

#include "base/array.h"
#include "model/place.h"
#include "runtimes/runtime.h"
#include "trace/site.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The value of `--job=ann`, up to the next blank; 0: no value begins here. */
static size_t value_of_option(struct str s, size_t at, size_t word)
{
	size_t end = at + 1;

	if (s.at[at] != '=' || s.at[word] != '-')
		return 0;
	while (end < s.len && s.at[end] != ' ')
		end++;
	return end - at - 1;
}

/* Numbers and values of options: `worker-1 --job=ann` and `worker-17 --job=bob`
 * become `worker-# --job=`, equal. */
static struct str mask_arguments(struct arena *a, struct str s)
{
	char *to = TAKE(a, char, s.len + 1);
	size_t len = 0, word = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] == ' ')
			word = i + 1;
		if (is_digit(s.at[i]) && len && to[len - 1] == '#')
			continue;
		to[len++] = is_digit(s.at[i]) ? '#' : s.at[i];
		i += value_of_option(s, i, word);
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

/* A relative place is one in the directory of its process. */
static struct str full_place(struct arena *a, const struct image *image,
			     struct str site)
{
	if (!place_has_line(site) || site.at[0] == '/' || !image->cwd.len)
		return site;
	return arena_print(a, "%.*s/%.*s", STR_FMT(image->cwd), STR_FMT(site));
}

/* A line, or the script or text of a shell: the arguments of the process do not
 * matter to a person with the file in an editor. */
static bool is_place_to_edit(const struct image *image, struct str site)
{
	return place_has_line(site) || runtime_shell_text(image).len ||
	       (site.len && str_eq(site, runtime_script(image)));
}

/* What an image ran: the whole command less numbers, or the program alone. */
static struct str command_key(struct arena *a, const struct image *image,
			      bool program_alone)
{
	struct str program = {NULL, 0}, text = runtime_shell_text(image);

	if (program_alone)
		program = runtime_program_words(a, image);
	if (program_alone && text.len)
		program = mask_arguments(a, text);
	return program.len ? program : mask_arguments(a, image->command);
}

static struct str cause_key(struct arena *a, const struct finding *f)
{
	const struct image *culprit = f->culprit ? f->culprit : no_image();
	struct str place = culprit_place(f);
	const struct str texts[] = {
		str_of(f->code),
		f->variable,
		culprit->exe,
		command_key(a, culprit, is_place_to_edit(culprit, place)),
		f->operation,
		full_place(a, culprit, place),
		owner_key(a, culprit)};

	return join_texts(a, texts, sizeof texts / sizeof *texts);
}

/* The line of the read in the victim's program; len 0: not known. */
static struct str victim_place(const struct finding *f)
{
	const struct event *e = f->victim_event;

	if (!e || !event_has_source_line(e) || !place_has_line(f->victim_site))
		return STR("");
	return f->victim_site;
}

/* A name that nobody set: where no line of the read is known, the program alone
 * counts. */
static bool is_never_set(const struct finding *f)
{
	return f->loss == LOSS_NOWHERE && !victim_place(f).len;
}

/* Of equal causes, the victims with equal keys are a single finding. `asks_at`:
 * the line of the read, for victims with equal lines and other arguments. */
static struct str victim_key(struct arena *a, const struct finding *f,
			     struct str cause, struct str asks_at)
{
	const struct image *victim = f->victim ? f->victim : no_image();
	const struct image *culprit = f->culprit ? f->culprit : no_image();
	bool is_program = asks_at.len || is_never_set(f) ||
			  is_place_to_edit(culprit, culprit_place(f));
	const struct str texts[] = {
		cause, victim->exe, command_key(a, victim, is_program),
		full_place(a, victim, asks_at), owner_key(a, victim)};

	return join_texts(a, texts, sizeof texts / sizeof *texts);
}

static void **victim_slot(struct groups *g, const struct candidate *c,
			  struct str cause, struct str asks_at)
{
	return hashmap_slot(g->equals, NULL,
			    victim_key(g->arena, &c->finding, cause, asks_at));
}

/* The first candidate with an equal command, or with an equal line of the read;
 * else the candidate itself. */
static struct candidate *find_equal(struct groups *g, struct candidate *c,
				    struct str cause)
{
	struct str asks_at = victim_place(&c->finding);
	void **by_command = victim_slot(g, c, cause, STR(""));
	void **by_line = by_command;

	if (asks_at.len)
		by_line = victim_slot(g, c, cause, asks_at);
	if (!*by_command)
		*by_command = *by_line ? *by_line : c;
	if (!*by_line)
		*by_line = *by_command;
	return *by_command;
}

static struct str victim_command(const struct candidate *c)
{
	return c->finding.victim ? c->finding.victim->command : STR("");
}

/* The group is reported as its worst candidate; of equally bad candidates as
 * the candidate with better evidence, then as the first. */
static void join_group(struct candidate *standing, const struct candidate *c)
{
	const struct image *last = c->reading->image;
	uint64_t count =
		standing->finding.count + (last != standing->last_counted);
	bool differ = standing->finding.commands_differ ||
		      !str_eq(victim_command(standing), victim_command(c));

	if (c->finding.severity > standing->finding.severity ||
	    (c->finding.severity == standing->finding.severity &&
	     c->ask.end == FAILED_BY_IT && standing->ask.end != FAILED_BY_IT))
		*standing = *c;
	standing->finding.count = count;
	standing->finding.commands_differ = differ;
	standing->last_counted = last;
}

/* A loss without a read adds nothing when a reader lost the variable by the
 * same cause. Readers arrive first. */
void add_to_group(struct groups *g, struct candidate *c)
{
	struct str cause = cause_key(g->arena, &c->finding);
	void **known = hashmap_slot(g->causes, NULL, cause);
	struct candidate *first = *known, *equal;

	if (first && c->reading->outcome == READ_NONE &&
	    first->reading->outcome != READ_NONE)
		return;
	if (!first)
		*known = c;
	equal = find_equal(g, c, cause);
	if (equal != c) {
		join_group(equal, c);
		return;
	}
	c->finding.count = 1;
	c->last_counted = c->reading->image;
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

/* Another branch of the run held the name. */
static bool was_held_beside(const struct candidate *c)
{
	return c->finding.loss == LOSS_NOWHERE &&
	       model_holders(c->reading->variable, c->reading->image);
}

/* True for a name which nobody held, and which the client may do without,
 * unlike the first name. */
static bool is_minor_beside(const struct candidate *first,
			    const struct candidate *c)
{
	enum role role = role_of(c->finding.variable);

	return (role == ROLE_OPTIONAL || role == ROLE_SETTING) &&
	       role_of(first->finding.variable) != role &&
	       c->finding.loss == LOSS_NOWHERE && !was_held_beside(c);
}

/* One sentence is true of both names, and both matter. */
static bool is_told_alike(const struct candidate *a, const struct candidate *b)
{
	return !is_minor_beside(a, b) &&
	       asks_in_same_files(&a->finding, &b->finding) &&
	       was_held_beside(a) == was_held_beside(b);
}

/* Names that are told alike stand first: sentences tell these alone. */
static void add_name(struct arena *a, struct candidate *first,
		     const struct candidate *c)
{
	struct finding *to = &first->finding;
	const struct finding *from = &c->finding;
	bool is_here = is_told_alike(first, c);
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
			add_name(g->arena, first, g->at[i]);
		else
			g->at[n++] = g->at[i];
	}
	g->n = n;
}
