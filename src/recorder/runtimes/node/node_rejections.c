#include "recorder/runtimes/node/node_rejections.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/node/node_end_state.h"

struct rejection { /* v8::PromiseRejectMessage, passed by value */
	local promise;
	int event;
	local value;
};

enum { HAS_NO_HANDLER = 0, GOT_A_HANDLER = 1 }; /* v8::PromiseRejectEvent */

#define FUNCTIONS(F)                                                           \
	F(set, void, (void *, void (*)(struct rejection)),                     \
	  "_ZN2v87Isolate24SetPromiseRejectCallbackEPFvNS_"                    \
	  "20PromiseRejectMessageEE")                                          \
	F(callback_of_node, void, (struct rejection),                          \
	  "_ZN4node21PromiseRejectCallbackEN2v820PromiseRejectMessageE")

static struct {
	FUNCTIONS(ELF_FUNCTION)
} of_promises;

/* ---- the last few -------------------------------------------------------- */

enum { WINDOW = 100 * 1000 * 1000, MOST_IN_WINDOW = 32 }; /* ns */

static bool is_due(struct node_ends *e, uint64_t t)
{
	if (t - e->window > WINDOW) {
		e->window = t;
		e->in_window = 0;
	}
	return e->in_window++ < MOST_IN_WINDOW;
}

/* Of many at once, Node fails by the first. */
static struct node_error *find_place(struct node_ends *e, uint64_t t)
{
	for (uint32_t i = 0; i < REJECTIONS; i++) {
		struct node_error *r = &e->rejected[e->next++ % REJECTIONS];

		if (!r->image || t - r->t > WINDOW)
			return r;
	}
	return NULL;
}

struct node_error *node_rejections_add(struct node_ends *e, void *isolate,
				       local error)
{
	uint64_t t = now();
	struct node_error *place = is_due(e, t) ? find_place(e, t) : NULL;

	if (!place)
		return NULL;
	node_error_take_alone(isolate, error, place);
	e->promise[place - e->rejected] = 0;
	return place;
}

static void add(struct node_ends *e, void *isolate, const struct rejection *r)
{
	struct node_error *place = node_rejections_add(e, isolate, r->value);

	if (place)
		e->promise[place - e->rejected] = node_hash(r->promise);
}

static void take_out(struct node_ends *e, local promise)
{
	int hash = 0;

	for (uint32_t i = 0; i < REJECTIONS; i++) {
		if (!e->rejected[i].image)
			continue;
		hash = hash ? hash : node_hash(promise);
		if (e->promise[i] == hash)
			e->rejected[i].image = 0;
	}
}

static void note(const struct rejection *r)
{
	struct node_ends *e = node_ends;
	void *isolate = v8_current();
	int error = host_errno();

	if (!e || e->is_asking || !v8_runs(isolate) || !r->promise)
		return;
	e->is_asking = true;
	if (r->event == HAS_NO_HANDLER && r->value)
		add(e, isolate, r);
	else if (r->event == GOT_A_HANDLER)
		take_out(e, r->promise);
	e->is_asking = false;
	host_set_errno(error);
}

static void on_rejection(struct rejection r)
{
	note(&r);
	of_promises.callback_of_node(r);
}

void node_rejections_watch(void *isolate)
{
	if (of_promises.callback_of_node ||
	    elf_symbols(FUNCTIONS(ELF_NAME), (void **)&of_promises))
		of_promises.set(isolate, on_rejection);
}

struct node_error *node_rejections_find(struct node_ends *e, local error)
{
	for (uint32_t i = 0; i < REJECTIONS; i++)
		if (node_error_is(&e->rejected[i], error))
			return &e->rejected[i];
	return NULL;
}

/* ---- the end ------------------------------------------------------------- */

/* Is `a` more likely what the program ends by? An error of Node itself only
 * says that another error ends it. Node, or a handler of the program, made the
 * stack of that error last; else it was the first. */
static bool is_likelier(const struct node_error *a, const struct node_error *b)
{
	if (!a->place.line != !b->place.line)
		return a->place.line;
	if (a->is_shown != b->is_shown)
		return a->is_shown;
	if (a->shown != b->shown)
		return a->shown > b->shown;
	return a->t < b->t;
}

void node_rejections_record(struct node_ends *e)
{
	struct node_error *best = NULL;

	for (uint32_t i = 0; i < REJECTIONS; i++) {
		struct node_error *r = &e->rejected[i];

		if (r->image && (!best || is_likelier(r, best)))
			best = r;
	}
	if (best)
		node_error_record(best);
}
