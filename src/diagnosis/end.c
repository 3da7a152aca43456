/* What became of the reader. */
#include "diagnosis/evaluation.h"

#include "diagnosis/end.h"
#include "diagnosis/evidence/names/held_name.h"
#include "diagnosis/evidence/requests/default_credential.h"
#include "runtimes/runtime.h"
#include "shared/source_owner.h"
#include "trace/site.h"

static const uint64_t SECOND = 1000000000;

const char *end_word(enum end end)
{
	static const char *const words[] = {[FAILED_BY_IT] = "failed-by-it",
					    [FAILED] = "failed",
					    [FAILED_OTHERWISE] =
						    "failed-otherwise",
					    [UNKNOWN] = "unknown",
					    [WELL] = "well"};

	return words[end];
}

/* --- the end by status and signal ------------------------------------------
 */

/* SIGILL, SIGBUS, SIGFPE, SIGSEGV, SIGPIPE */
static bool is_crash(const struct image *image)
{
	int64_t signal =
		image->has_signal ? image->signal : image->status - 128;

	return signal == 4 || signal == 7 || signal == 8 || signal == 11 ||
	       signal == 13;
}

/* unittest.main() in a test file, and Ruby's minitest, which runs after the
 * file: their code calls exit. */
static bool is_ended_by_tests(const struct image *image)
{
	struct str file = image->exit ? site_file(image->exit->site) : STR("");
	struct source_owner f = find_source_owner(file.at, file.len);

	return (image->exit && str_eq(image->exit->by, STR("main.py"))) ||
	       str_is_listed((struct str){f.package, f.package_len},
			     "minitest test-unit");
}

static bool is_test_runner(const struct image *image)
{
	const struct strs *args = model_arguments(image);

	if (is_ended_by_tests(image))
		return true;
	for (size_t i = 0; i < args->n && i < 4; i++) {
		struct str word = str_base(args->at[i]);

		if (str_is_listed(word, "pytest py.test unittest jest "
					"jest.js vitest vitest.mjs mocha "
					"mocha.js _mocha rspec phpunit ava "
					"--test nose2"))
			return true;
	}
	return false;
}

/* The runner that started the image, a program of the same language, to run
 * tests in it; or null. The program of `node --test` is a test file. */
static const struct image *runner_of(const struct image *image)
{
	const struct image *up = image->waiter;

	return up && is_test_runner(up) && str_eq(up->exe, image->exe) ? up
								       : NULL;
}

bool runs_tests(const struct image *image)
{
	return is_test_runner(image) || runner_of(image);
}

static bool is_launcher(const struct image *image)
{
	const struct runtime *runtime = runtime_of(image);

	return runtime->runs_tasks || runtime->id == RUNTIME_SHELL ||
	       runtime->id == RUNTIME_PM2;
}

/* True when the image ended as a child shortly before had ended. An error that
 * nobody caught is an end of its own, unless the error is the child's. */
static bool passed_on_status(const struct image *image)
{
	const struct image *child = failed_child(image);

	if (!child || image->ended > child->ended + 5 * SECOND)
		return false;
	if (image->raise && !is_error_of_child(image->raise))
		return false;
	if (is_launcher(image))
		return true;
	return (child->has_status && child->status == image->status) ||
	       (child->has_signal && image->status == 128 + child->signal);
}

/* --- failures that a child reports by message ------------------------------
 */

/* The program that started the image, which held the name, failed afterwards
 * without an error, a child or a status of its own to explain it. */
static bool failed_by_message(const struct reading *r)
{
	const struct image *image = r->image, *up = image->waiter;
	const struct value *value = NULL;

	if (!up || is_launcher(up) || !model_failed(up) || up->raise ||
	    up->child_failed || model_process(image)->hop == HOP_ROOT ||
	    !ends_after_message(image, up))
		return false;
	return model_held(up, r->name,
			  model_hop_time(child_below(up, image)
						 ? child_below(up, image)
						 : image),
			  &value) == PRESENT;
}

static bool ended_by_error_of(const struct image *image,
			      const struct image *worker)
{
	return image->raise && model_failed(image) &&
	       image->raise->t >= worker->raise->t &&
	       str_eq(image->raise->type, worker->raise->type) &&
	       ends_after_message(worker, image);
}

/* A worker of a pool catches its error and sends it to the program above, with
 * a forkserver between, perhaps. The program ends by the same error. */
static bool sent_its_error(const struct image *image)
{
	const struct image *up = image->waiter ? image->waiter : image->parent;

	if (!image->raise || !image->raise->type.len)
		return false;
	return up && (ended_by_error_of(up, image) ||
		      (up->parent && ended_by_error_of(up->parent, image)));
}

static enum end end_by_sent_error(const struct reading *r,
				  const struct ask *ask)
{
	if (failed_by_it(r, ask))
		return FAILED_BY_IT;
	return raised_elsewhere(r, ask) ? FAILED_OTHERWISE : FAILED;
}

/* --- the answer ----------------------------------------------------------- */

static enum end end_of_failure(const struct reading *r, const struct ask *ask)
{
	const struct image *image = r->image;

	if (succeeded_later(r))
		return WELL;
	if (!is_restarted(r) && is_tolerated(image))
		return UNKNOWN;
	if (failed_by_it(r, ask))
		return FAILED_BY_IT;
	if (raised_elsewhere(r, ask) || is_crash(image) || runs_tests(image))
		return FAILED_OTHERWISE;
	if (passed_on_status(image))
		return ask->asker.who == OWN_CODE && ask->event
			       ? UNKNOWN
			       : FAILED_OTHERWISE;
	return FAILED;
}

/* A runner stops its workers when they have told how the tests ended. */
static enum end end_unseen(const struct image *image)
{
	const struct image *runner = runner_of(image);

	if (!runner || !model_has_ended(runner) || model_was_stopped(runner))
		return UNKNOWN;
	return model_failed(runner) ? FAILED_OTHERWISE : WELL;
}

bool is_refused_for_other_key(const struct reading *r, const struct ask *ask)
{
	return ask->refusal && is_nothing(r) &&
	       may_carry_real_key(ask->refusal, r->name) &&
	       carries_unknown(ask->refusal, r);
}

/* A refusal was seen in the process, whatever became of the process. */
static bool was_refused(const struct reading *r, const struct ask *ask)
{
	return ask->refusal && !is_refused_for_other_key(r, ask) &&
	       !(is_nothing(r) && found_alternative(r));
}

/* An error ended the thread that asked, and no other: the process lives. */
static bool thread_ended(const struct reading *r, const struct ask *ask)
{
	const struct event *raise = r->image->raise;

	return r->image->hop == HOP_THREAD ||
	       (raise && ask->event && raise->thread > 1 &&
		raise->thread == ask->event->thread);
}

/* A worker ends with 0 when its launcher is asked to stop. */
static bool was_stopped_with_launcher(const struct image *image)
{
	enum { MOST_LEVELS = 16 };
	const struct image *up = image->parent;

	for (size_t i = 0; up && i < MOST_LEVELS; i++, up = up->parent)
		if (up->killed && image->ended >= up->killed->t &&
		    image->ended - up->killed->t <= 30 * SECOND &&
		    model_was_stopped(up))
			return true;
	return false;
}

enum end end_of(const struct reading *r, const struct ask *ask)
{
	const struct image *image = r->image;

	if (was_refused(r, ask))
		return FAILED_BY_IT;

	if (model_failed(image))
		return end_of_failure(r, ask);
	if (thread_ended(r, ask) && failed_by_it(r, ask))
		return FAILED_BY_IT;
	if (sent_its_error(image))
		return end_by_sent_error(r, ask);
	if (find_told_error(image))
		return end_by_told_error(r, ask, find_told_error(image));
	if (failed_by_message(r))
		return FAILED;
	if (!model_has_ended(image) || model_was_stopped(image) ||
	    was_stopped_with_launcher(image))
		return end_unseen(image);
	return WELL;
}
