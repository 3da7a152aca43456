#include "recorder/http/sent_prints.h"

#include "recorder/state/process_globals.h"

static struct sent_prints *prints; /* NULL: nothing is kept */

void sent_prints_start(struct sent_prints *p)
{
	prints = p;
}

static void compute(struct secret s, uint64_t tag, struct fingerprint *ret)
{
	secret_fingerprint(s, globals->settings.key, ret);
	ret->tag = tag;
}

/* A place that another thread has at this moment, or the thread below a signal
 * handler, is passed by. */
void sent_fingerprint(struct secret s, struct fingerprint *ret)
{
	uint64_t tag = secret_tag(s, globals->seed);
	size_t at = tag % HTTP_PRINTS;

	if (!prints || atomic_exchange(&prints->at[at].taken, 1)) {
		compute(s, tag, ret);
		return;
	}
	if (prints->at[at].print.tag != tag)
		compute(s, tag, &prints->at[at].print);
	*ret = prints->at[at].print;
	atomic_store(&prints->at[at].taken, 0);
}
