/* What became of the reader. */
#include "diagnosis/evaluation.h"

#include "runtimes/runtime.h"
#include "shared/source_file.h"

static const uint64_t SECOND = 1000000000;

const char *end_word(enum end end)
{
	static const char *const words[] = {
		[FAILED_BY_IT] = "failed-by-it",
		[FAILED] = "failed",
		[FAILED_OTHERWISE] = "failed-otherwise",
		[UNKNOWN] = "unknown",
		[WELL] = "well",
	};

	return words[end];
}

/* --- places --------------------------------------------------------------- */

struct place {
	struct str file;
	long line;
};

static struct place place_of(struct str site)
{
	struct place p = {site, 0};
	size_t len = site.len;

	while (len && site.at[len - 1] >= '0' && site.at[len - 1] <= '9')
		len--;
	if (!len || len == site.len || site.at[len - 1] != ':')
		return p;
	p.file.len = len - 1;
	for (size_t i = len; i < site.len && p.line < 100000000; i++)
		p.line = p.line * 10 + (site.at[i] - '0');
	return p;
}

/* True when `later` lies in the same file, at most `lines` below. */
static bool is_just_below(struct str site, struct str later, long lines)
{
	struct place a = place_of(site), b = place_of(later);

	return a.line && b.line && str_eq(a.file, b.file) && b.line >= a.line &&
	       b.line - a.line <= lines;
}

/* --- the error that nobody caught ------------------------------------------
 */

/* openai.OpenAIError: the class is OpenAIError, the module openai. */
static struct str class_of(struct str type)
{
	const char *dot = type.len ? memrchr(type.at, '.', type.len) : NULL;
	size_t skip = dot ? (size_t)(dot + 1 - type.at) : 0;

	return (struct str){type.at + skip, type.len - skip};
}

static struct str module_of(struct str type)
{
	struct str class = class_of(type);

	return (struct str){type.at,
			    class.at > type.at ? type.len - class.len - 1 : 0};
}

static bool is_of_words(const char *words, struct str class)
{
	return str_is_listed(class, words);
}

/* Errors of the world around a program. */
static bool is_error_elsewhere(struct str type)
{
	return is_of_words(
		"OSError FileNotFoundError PermissionError IsADirectoryError "
		"NotADirectoryError FileExistsError ConnectionError "
		"ConnectionRefusedError ConnectionResetError BrokenPipeError "
		"TimeoutError ImportError ModuleNotFoundError SyntaxError "
		"IndentationError AssertionError ConnectError ConnectTimeout "
		"ReadTimeout APIConnectionError APITimeoutError "
		"MaxRetryError NewConnectionError AggregateError LoadError "
		"gaierror timeout UnicodeDecodeError MemoryError "
		"RecursionError",
		class_of(type));
}

/* Classes of errors by which a program complains about what it was given. */
static bool is_complaint(struct str type)
{
	struct str module = module_of(type);

	if (is_of_words("AssertionError KeyError TypeError ValueError "
			"RuntimeError Error NameError Exception",
			class_of(type)))
		return true;
	return !is_error_elsewhere(type) &&
	       (str_eq(module, STR("__main__")) || !module.len);
}

static bool has_part(struct str text, const char *part)
{
	return text.len && memmem(text.at, text.len, part, strlen(part));
}

/* Errors by which a client says that a credential is missing or refused. */
static bool speaks_of_credential(struct str type)
{
	static const char *const parts[] = {
		"Auth",		"Credential", "ApiKey",		  "APIKey",
		"Unauthorized", "Forbidden",  "PermissionDenied", "Token"};
	struct str class = class_of(type);

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (has_part(class, parts[i]))
			return true;
	return false;
}

static bool is_http_status(struct str type)
{
	return is_of_words("HTTPError HTTPStatusError ClientResponseError",
			   class_of(type));
}

/* The package in whose code the error was raised, or which defines it. */
static bool is_error_of_client(const struct event *raise, struct str name)
{
	struct place at = place_of(raise->site);
	struct source_file f = source_file(at.file.at, at.file.len);
	struct str module = module_of(raise->type);
	const char *dot =
		module.len ? memchr(module.at, '.', module.len) : NULL;
	struct str top = {module.at,
			  dot ? (size_t)(dot - module.at) : module.len};

	return is_client_of((struct str){f.package, f.package_len}, name) ||
	       is_client_of(module, name) || is_client_of(top, name);
}

/* Both lie under one line of the program. */
static bool is_in_one_call(const struct image *image, const struct ask *ask,
			   const struct event *raise)
{
	struct str asked = ask->asker.user_site;

	return asked.len && str_eq(asked, site_to_edit(image, raise));
}

static bool is_on_line(const struct asker *a, const struct event *raise,
		       const struct event *read)
{
	struct str site = a->site.len ? a->site : event_site(read);

	return site.len && str_eq(site, raise->site);
}

static bool is_below_read(const struct asker *a, const struct event *raise,
			  const struct event *read)
{
	return is_complaint(raise->type) &&
	       str_eq(raise->in, a->site.len ? a->function : read->in) &&
	       is_just_below(a->site.len ? a->site : event_site(read),
			     raise->site, 5);
}

/* A client of the name complains: in the call that asked, or of a credential.
 */
static bool is_clients_complaint(const struct reading *r, const struct ask *ask,
				 const struct event *raise)
{
	enum role role = role_of(r->name);

	if (role == ROLE_OPTIONAL || role == ROLE_NONE ||
	    !is_error_of_client(raise, r->name))
		return false;
	if (role == ROLE_SETTING && !is_held_upstream(r))
		return speaks_of_credential(raise->type) ||
		       has_part(class_of(raise->type), "Region");
	if (speaks_of_credential(raise->type))
		return true;
	return is_nothing(r) && !is_error_elsewhere(raise->type) &&
	       is_in_one_call(r->image, ask, raise);
}

static bool found_alternative(const struct reading *r)
{
	for (const struct reading *o = r->image->readings; o; o = o->next)
		if (o->outcome == READ_FOUND && !is_nothing(o) &&
		    are_alternatives(o->name, r->name))
			return true;
	return false;
}

static bool failed_by_it(const struct reading *r, const struct ask *ask)
{
	const struct event *raise = r->image->raise;

	if (!raise || !ask->event || raise->t < ask->event->t ||
	    found_alternative(r))
		return false;
	return (is_nothing(r) &&
		(is_on_line(&ask->asker, raise, ask->event) ||
		 is_below_read(&ask->asker, raise, ask->event))) ||
	       is_clients_complaint(r, ask, raise);
}

/* The error that ended the process has nothing to do with the name. */
static bool raised_elsewhere(const struct reading *r, const struct ask *ask)
{
	const struct event *raise = r->image->raise;

	if (!raise)
		return false;
	if (is_http_status(raise->type) || speaks_of_credential(raise->type))
		return false;
	if (is_error_elsewhere(raise->type))
		return true;
	if (!is_nothing(r))
		return !is_error_of_client(raise, r->name);
	if (is_held_upstream(r) || !ask->event || ended_at_once(r, ask))
		return false;
	return !is_of_words("TypeError AttributeError",
			    class_of(raise->type)) &&
	       !str_eq(raise->in, ask->event->in) &&
	       !is_error_of_client(raise, r->name) &&
	       !is_in_one_call(r->image, ask, raise);
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

static bool is_test_runner(const struct image *image)
{
	const struct strs *args = model_arguments(image);

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

static bool is_child_of(const struct image *child, const struct image *image)
{
	return child->waiter && model_process(child->waiter)->pid == image->pid;
}

/* The last child that failed while the image waited for it, or null. */
static const struct image *failed_child(const struct image *image)
{
	const struct image *last = NULL;

	if (!image->child_failed)
		return NULL;
	for (const struct image *c = image->first_child; c; c = c->next_sibling)
		for (const struct image *e = c; e; e = e->first_child)
			if (is_child_of(e, image) && model_failed(e) &&
			    (!last || e->ended > last->ended))
				last = e;
	return last;
}

static bool is_launcher(const struct image *image)
{
	switch (runtime_of(image)->id) {
	case RUNTIME_SHELL:
	case RUNTIME_MAKE:
	case RUNTIME_NPM:
	case RUNTIME_PM2:
	case RUNTIME_TURBO:
		return true;
	default:
		return false;
	}
}

/* True when the image ended as a child shortly before had ended. An error that
 * nobody caught is an end of its own, unless the error is the child's. */
static bool passed_on_status(const struct image *image)
{
	const struct image *child = failed_child(image);

	if (!child || image->ended > child->ended + 5 * SECOND)
		return false;
	if (image->raise && !is_of_words("CalledProcessError SystemExit",
					 class_of(image->raise->type)))
		return false;
	if (is_launcher(image))
		return true;
	return (child->has_status && child->status == image->status) ||
	       (child->has_signal && image->status == 128 + child->signal);
}

/* --- tolerated failures ------------------------------------------------------
 */

static const struct image *next_in_process(const struct image *image)
{
	for (const struct image *c = image->first_child; c; c = c->next_sibling)
		if (c->hop == HOP_EXEC)
			return c;
	return NULL;
}

/* True for a child of `launcher`, in its own process, that was alive at `t`. */
static bool is_alive_at(const struct image *child, uint64_t t)
{
	return child->hop != HOP_EXEC && child->hop != HOP_THREAD &&
	       child->born <= t && (!child->ended || child->ended > t);
}

/* The image that a launcher's child became; for a failure of a forked child. */
static const struct image *child_below(const struct image *launcher,
				       const struct image *image)
{
	while (image->parent && image->parent != launcher)
		image = image->parent;
	return image->parent ? image : NULL;
}

static bool is_supervisor(const struct image *image)
{
	const struct strs *args = model_arguments(image);

	for (size_t i = 0; i < args->n && i < 3; i++)
		if (str_is_listed(str_base(args->at[i]),
				  "pm2 pm2-runtime nodemon forever supervisord "
				  "watchexec entr gunicorn honcho foreman "
				  "overmind circusd s6-supervise runsv"))
			return true;
	return runtime_of(image)->id == RUNTIME_PM2;
}

static bool went_on(const struct image *launcher, uint64_t t)
{
	for (const struct image *i = launcher; i; i = next_in_process(i)) {
		for (const struct image *c = i->first_child; c;
		     c = c->next_sibling)
			if (c->born > t)
				return true;
		if (i->ended && i->ended > t + 2 * SECOND)
			return true;
	}
	return false;
}

/* What a launcher started or became after a failure may fail for reasons of
 * its own. */
static bool failed_later(const struct image *launcher, uint64_t t)
{
	const struct image *child = failed_child(launcher);

	return child && child->ended > t;
}

static bool has_others_alive(const struct image *launcher,
			     const struct image *child)
{
	for (const struct image *c = launcher->first_child; c;
	     c = c->next_sibling)
		if (c != child && is_alive_at(c, child->born))
			return true;
	for (const struct image *c = launcher->first_child; c;
	     c = c->next_sibling)
		if (c != child && child->ended && is_alive_at(c, child->ended))
			return true;
	return false;
}

/* The launcher waited for the failure, and went on. */
static bool is_tolerated(const struct image *image)
{
	const struct image *launcher = image->waiter, *child;

	if (!launcher || is_supervisor(launcher))
		return false;
	child = child_below(launcher, image);
	if (!child || has_others_alive(launcher, child))
		return false;
	return went_on(launcher, image->ended) &&
	       (!model_failed(launcher) ||
		failed_later(launcher, image->ended));
}

static bool is_same_command(const struct image *a, const struct image *b)
{
	return a != b && a->command.len && str_eq(a->exe, b->exe) &&
	       str_eq(a->command, b->command);
}

/* The same command, started later, missed the same name and ended well. */
static bool succeeded_later(const struct reading *r)
{
	const struct variable *v = r->variable;

	if (r->image->hop == HOP_FORK)
		return false;
	for (size_t i = 0; i < v->n_readings && i < 256; i++) {
		const struct reading *o = v->readings[i];

		if (o->outcome == READ_MISSED && o->image->hop != HOP_FORK &&
		    o->image->born > r->image->born &&
		    is_same_command(r->image, o->image) &&
		    o->image->has_status && !o->image->status)
			return true;
	}
	return false;
}

/* The same command is started again and again, and asks in vain each time. */
static bool is_restarted(const struct reading *r)
{
	const struct variable *v = r->variable;

	for (size_t i = 0; i < v->n_readings && i < 256; i++)
		if (v->readings[i]->outcome == r->outcome &&
		    is_same_command(r->image, v->readings[i]->image))
			return true;
	return false;
}

/* --- failures that a child reports by message ------------------------------
 */

/* A child that reports by message ends well, or is stopped by its parent. */
static bool ends_after_message(const struct image *child,
			       const struct image *parent)
{
	if (child->killed)
		return parent->birth &&
		       str_eq(child->killed->image, parent->birth->image);
	return child->has_status && !child->status;
}

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

/* --- an exit at the place that asked ---------------------------------------
 */

static bool child_ended_between(const struct image *image, uint64_t from,
				uint64_t to)
{
	for (size_t i = 0; i < image->n_events; i++)
		if (image->events[i]->kind == KT_WAIT &&
		    image->events[i]->t > from && image->events[i]->t < to)
			return true;
	return false;
}

/* True when `exit` lies at most 20 lines below the read, or below the call of
 * the function that asked. */
static bool exits_below(const struct ask *ask, const struct event *exit)
{
	const struct event *read = ask->event;

	if (!event_has_source_line(read) || !event_has_source_line(exit))
		return false;
	if (is_just_below(read->site, exit->site, 20))
		return true;
	return ask->asker.user_site.len &&
	       is_just_below(ask->asker.user_site, exit->site, 20);
}

bool ended_at_once(const struct reading *r, const struct ask *ask)
{
	const struct event *end =
		r->image->raise ? r->image->raise : r->image->exit;

	return end && ask->event && end->t >= ask->event->t &&
	       end->t - ask->event->t <= SECOND && exits_below(ask, end) &&
	       !child_ended_between(r->image, ask->event->t, end->t);
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
	if (raised_elsewhere(r, ask) || is_crash(image) ||
	    is_test_runner(image))
		return FAILED_OTHERWISE;
	if (passed_on_status(image))
		return ask->asker.who == OWN_CODE && ask->event
			       ? UNKNOWN
			       : FAILED_OTHERWISE;
	return FAILED;
}

enum end end_of(const struct reading *r, const struct ask *ask)
{
	const struct image *image = r->image;

	if (model_failed(image))
		return end_of_failure(r, ask);
	if (image->hop == HOP_THREAD && failed_by_it(r, ask))
		return FAILED_BY_IT;
	if (failed_by_message(r))
		return FAILED;
	if (!model_has_ended(image) || model_was_stopped(image))
		return UNKNOWN;
	return WELL;
}
