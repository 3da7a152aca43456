/* A chain of fallbacks on one line of the program's own, over several names for
 * one key: `get("CRITIC_OPENAI_KEY") or get("OPENAI_API_KEY")`. */
#include "diagnosis/evaluation.h"

#include "diagnosis/evidence/requests/reader_requests.h"
#include "diagnosis/evidence/names/similar_names.h"

/* --- names for one key ---------------------------------------------------- */

static bool begins_word(struct str name, size_t tail)
{
	return name.len == tail || name.at[name.len - tail - 1] == '_';
}

/* OPENAI_API_KEY, of CRITIC_OPENAI_API_KEY and TEAM_OPENAI_API_KEY. */
static struct str common_words(struct str a, struct str b)
{
	size_t n = 0;

	while (n < a.len && n < b.len &&
	       a.at[a.len - 1 - n] == b.at[b.len - 1 - n])
		n++;
	while (n && !(begins_word(a, n) && begins_word(b, n)))
		n--;
	return (struct str){a.at + a.len - n, n};
}

static bool is_key_or_unknown(struct str name)
{
	return role_of(name) == ROLE_KEY || role_of(name) == ROLE_NONE;
}

static bool next_letter(struct str name, size_t *i, char *ret)
{
	while (*i < name.len && (name.at[*i] == '_' || name.at[*i] == '-'))
		++*i;
	if (*i == name.len)
		return false;
	*ret = (char)(name.at[*i] | 0x20);
	++*i;
	return true;
}

/* openai_api_key and OPENAI_APIKEY: the letters are the same. */
static bool are_equal_but_for_style(struct str a, struct str b)
{
	size_t i = 0, k = 0;
	char x = 0, y = 0;
	bool more_a = next_letter(a, &i, &x), more_b = next_letter(b, &k, &y);

	while (more_a && more_b && x == y) {
		more_a = next_letter(a, &i, &x);
		more_b = next_letter(b, &k, &y);
	}
	return !more_a && !more_b;
}

/* One name ends with the other (API_KEY, OPENAI_API_KEY), or both with a key of
 * the catalogue; or both have one owner, perhaps spelt in another way; or both
 * are one name in two styles. */
static bool are_for_one_key(struct str found, struct str missed)
{
	struct str common = common_words(found, missed);

	if (role_of(common) == ROLE_KEY)
		return true;
	if (role_of(found) != ROLE_KEY && role_of(missed) != ROLE_KEY)
		return role_of(found) == ROLE_NONE &&
		       role_of(missed) == ROLE_NONE &&
		       are_equal_but_for_style(found, missed);
	return is_key_or_unknown(found) && is_key_or_unknown(missed) &&
	       (str_eq(common, missed) || is_substitute(found, missed) ||
		is_misspelling(missed, found));
}

/* --- one line ------------------------------------------------------------- */

static bool is_in_line(const struct event *read, const struct event *miss)
{
	const uint64_t at_once = 10000000;

	return read->kind == KT_READ && read->t - miss->t <= at_once &&
	       str_eq(read->site, miss->site) && str_eq(read->in, miss->in);
}

static bool found_value(const struct event *read)
{
	return read->found && !(read->value.is & KT_IS_EMPTY);
}

/* The next reads of the thread lead from the miss to the find, by names for the
 * same key in vain. */
static bool leads_to(const struct reading *o, const struct event *miss,
		     const struct event *find)
{
	enum { MOST_NAMES = 8 };
	const struct event *at = miss;

	for (size_t i = 0; i < MOST_NAMES; i++) {
		at = next_of_thread(o->image, at);
		if (!at || !is_in_line(at, miss))
			return false;
		if (at == find)
			return true;
		if (found_value(at) || !are_for_one_key(o->name, at->name))
			return false;
	}
	return false;
}

static bool is_end_of_chain(const struct reading *o, const struct event *miss)
{
	for (const struct call_site *s = o->call_sites; s; s = s->next)
		if (s->first->t >= miss->t && is_in_line(s->first, miss))
			return leads_to(o, miss, s->first);
	return false;
}

/* The program ended well, or a host took the value. */
static bool did_do(const struct reading *o)
{
	return (o->image->has_status && !o->image->status) || was_accepted(o);
}

bool is_own_fallback(const struct reading *r, const struct event *miss,
		     const struct asker *asker)
{
	if (asker->who != OWN_CODE || !event_has_source_line(miss))
		return false;
	for (const struct reading *o = r->image->readings; o; o = o->next)
		if (model_found_value(o) && are_for_one_key(o->name, r->name) &&
		    is_end_of_chain(o, miss) && did_do(o))
			return true;
	return false;
}
