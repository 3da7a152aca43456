#include "diagnosis/evidence/requests/tenants.h"

#include "catalogue/catalogue.h"
#include "diagnosis/evidence/requests/requests.h"

enum { MOST_LOOKS = 4096 };

/* --- names ------------------------------------------------------------------
 */

/* The bytes that the names share at the end, up to the beginning of a word. */
static size_t common_tail(struct str a, struct str b)
{
	size_t n = 0;

	while (n < a.len && n < b.len &&
	       a.at[a.len - 1 - n] == b.at[b.len - 1 - n])
		n++;
	while (n && !(n < a.len && n < b.len && a.at[a.len - n - 1] == '_' &&
		      b.at[b.len - n - 1] == '_'))
		n--;
	return n;
}

/* ... and at the beginning, up to the end of a word. */
static size_t common_head(struct str a, struct str b)
{
	size_t n = 0;

	while (n < a.len && n < b.len && a.at[n] == b.at[n])
		n++;
	while (n &&
	       !(n < a.len && n < b.len && a.at[n] == '_' && b.at[n] == '_'))
		n--;
	return n;
}

/* PRIMARY, BACKUP, 2 */
static bool is_rank(struct str word)
{
	size_t digits = 0;

	while (digits < word.len && word.at[digits] >= '0' &&
	       word.at[digits] <= '9')
		digits++;
	return digits == word.len ||
	       str_is_listed(word,
			     "PRIMARY SECONDARY MAIN BACKUP FALLBACK DEFAULT "
			     "FIRST SECOND THIRD OLD NEW ALT ALTERNATE SPARE "
			     "RESERVE FAILOVER STANDBY CURRENT PREVIOUS NEXT "
			     "A B ONE TWO");
}

bool are_of_two_tenants(struct str a, struct str b)
{
	size_t tail = common_tail(a, b), head = common_head(a, b);
	struct str x, y;

	if (tail &&
	    role_of((struct str){a.at + a.len - tail, tail}) == ROLE_KEY) {
		x = (struct str){a.at, a.len - tail - 1};
		y = (struct str){b.at, b.len - tail - 1};
	} else if (head && role_of((struct str){a.at, head}) == ROLE_KEY) {
		x = (struct str){a.at + head + 1, a.len - head - 1};
		y = (struct str){b.at + head + 1, b.len - head - 1};
	} else {
		return false;
	}
	return !is_rank(x) && !is_rank(y);
}

static bool is_of_other_tenant(const struct request *q, const struct reading *r)
{
	const struct sent_credentials *list = &q->event->credentials;

	for (size_t i = 0; i < list->n; i++)
		if (are_of_two_tenants(list->at[i].name, r->name))
			return true;
	return false;
}

/* --- order ------------------------------------------------------------------
 */

struct rounds {
	bool is_refused, is_refused_again, is_taken;
	bool others_before, others_between, tenants_between;
	bool follows_other; /* the first refusal: an accepted request */
};

static void note_refused(struct rounds *s, const struct request *last,
			 const struct reading *r)
{
	if (!s->is_refused)
		s->follows_other = last && request_is_accepted(last) &&
				   !request_carries(last, r->value);
	s->is_refused_again |= s->is_refused && s->others_between;
	s->is_refused = true;
}

static void note_accepted(struct rounds *s, const struct request *q,
			  const struct reading *r)
{
	if (request_carries(q, r->value)) {
		s->is_taken = true;
		return;
	}
	if (!s->is_refused) {
		s->others_before = true;
		return;
	}
	s->others_between = true;
	s->tenants_between |= is_of_other_tenant(q, r);
}

static struct rounds find_rounds(const struct request *q,
				 const struct reading *r)
{
	const struct image *image = q->image;
	const struct request *last = NULL;
	struct rounds s = {.is_refused = false};

	for (size_t i = 0; i < image->n_requests && i < MOST_LOOKS; i++) {
		const struct request *at = &image->requests[i];

		if (at->event->incoming || !at->response ||
		    !is_same_host(at, q) || !request_has_credential(at))
			continue;
		if (request_is_accepted(at))
			note_accepted(&s, at, r);
		else if (is_refused(at) && request_carries(at, r->value))
			note_refused(&s, last, r);
		last = at;
	}
	return s;
}

/* A value that was taken and then refused, again and again, is judged by the
 * same order: a chain of fallbacks begins with the first of the chain. */
bool is_refused_as_tenant(const struct request *q, const struct reading *r)
{
	struct rounds s;

	if (!r->value || !request_carries(q, r->value))
		return false;
	s = find_rounds(q, r);
	if (s.is_refused_again)
		return s.others_before || s.tenants_between;
	return s.follows_other && !s.is_taken;
}
