#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/thread_set.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"

/* The copy holds the name, and the same process asked libc. */
static bool is_asked_of_libc(const struct reading *r)
{
	return r->loss->event->kind == KT_DIFFER &&
	       r->loss->receiver == r->loss->image;
}

/* A thread may have set the name for itself alone: held elsewhere. */
static bool explains_thread(const struct reading *r, struct finding *ret)
{
	const struct event *set;
	const struct image *thread = find_thread_set(r, &set);

	if (!thread)
		return false;
	set_culprit(ret, thread, set, r->image);
	ret->confidence = LIKELY;
	ret->loss = LOSS_ELSEWHERE;
	return true;
}

/* A program that asked libc in vain may have looked in its language's own
 * environment next (`getenv('K') ?: $_ENV['K']`), which is not heard. */
static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	if (explains_thread(r, ret))
		return true;
	if (!set_culprit_of_loss(ret, r, LOST_BETWEEN_COPIES))
		return false;
	if (is_asked_of_libc(r)) {
		ret->confidence = LIKELY;
		ret->severity = model_failed(r->image) ? WARNING : NOTE;
	}
	return true;
}

static struct str set_and_passed(struct arena *a, const struct reading *r)
{
	struct str receiver = process_in_short(a, r->loss->receiver);

	return arena_print(a,
			   "sets %.*s in libc's environment alone and starts "
			   "%.*s with its language's copy",
			   STR_FMT(r->name), STR_FMT(receiver));
}

static struct str held_and_asked(struct arena *a, const struct reading *r)
{
	const struct event *differ = r->loss->event;

	return arena_print(a,
			   "asks libc's environment for %.*s, which %s%.*s "
			   "alone holds",
			   STR_FMT(r->name),
			   differ->replaced ? "another object for " : "",
			   STR_FMT(differ->fn));
}

static struct str held_and_passed(struct arena *a, const struct reading *r)
{
	const struct event *differ = r->loss->event;
	struct str receiver = process_in_short(a, r->loss->receiver);

	return arena_print(a,
			   "sets %.*s in %s%.*s alone and starts %.*s with "
			   "libc's environment",
			   STR_FMT(r->name),
			   differ->replaced ? "another object for " : "",
			   STR_FMT(differ->fn), STR_FMT(receiver));
}

static bool asked_copy(const struct reading *r)
{
	return r->image == r->loss->receiver &&
	       (r->image == r->loss->image ||
		model_is_fork_or_thread(r->image));
}

static struct str act_of(struct arena *a, const struct reading *r)
{
	if (r->loss->event->kind == KT_DIFFER)
		return held_and_passed(a, r);
	if (!asked_copy(r))
		return set_and_passed(a, r);
	return arena_print(a, "sets %.*s in libc's environment alone",
			   STR_FMT(r->name));
}

static void describe_thread(const struct model *m, const struct reading *r,
			    struct finding *f)
{
	say_culprit(m, r, f, "sets %.*s in a worker thread alone",
		    STR_FMT(names_of(m->arena, f)));
	f->detail = STR("a worker thread has a copy of the environment, and "
			"what it sets there the main thread never gets");
	set_own_fix(m, f,
		    "share the environment with the thread (`new Worker(file, "
		    "{ env: SHARE_ENV })` of node:worker_threads), or set "
		    "%.*s in the main thread, or send the value there by "
		    "postMessage",
		    STR_FMT(r->name));
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	if (r->loss->kind == LOST_NEVER_HELD) {
		describe_thread(m, r, f);
		return;
	}
	if (is_asked_of_libc(r)) {
		say_victim(m, f, "%.*s", STR_FMT(held_and_asked(m->arena, r)));
	} else {
		say_culprit(m, r, f, "%.*s", STR_FMT(act_of(m->arena, r)));
		if (asked_copy(r))
			f->detail = arena_print(m->arena,
						"%.*s asks a copy of the "
						"environment, made before",
						STR_FMT(r->event->fn));
	}
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_COPIED, r->name);
}

const struct rule rule_kt403 = {"KT403", "copy-not-updated", LOSS_SEEN,
				405,	 explains,	     describe};
