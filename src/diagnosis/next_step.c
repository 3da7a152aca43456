#include "diagnosis/next_step.h"

#include "base/shell_word.h"
#include "catalogue/catalogue.h"
#include "model/still_running.h"

bool trace_is_over(const struct trace *t)
{
	return t->pack || (t->n_files && !trace_is_of_this_boot(t));
}

/* The program that the user started. */
static struct str doctor_of_command(struct arena *a, const struct model *m)
{
	const char *program = "COMMAND";

	if (m->n_images && m->images[0]->exe.len)
		program = shell_path(
			a,
			arena_print(a, "%.*s", STR_FMT(m->images[0]->exe)).at);
	return arena_print(a, "what can be seen of it: keytrail doctor %s",
			   program);
}

static struct str step_of_gap(struct arena *a, const struct model *m,
			      const struct image *image)
{
	if (model_lives_here(m, image))
		return arena_print(a, "why: keytrail doctor -p %llu",
				   (unsigned long long)image->pid);
	return arena_print(a, "%s: keytrail explain %s", gap_fix(image->gap),
			   gap_word(image->gap));
}

/* Rows of data. */
static const char *step_of_code(const char *code)
{
	static const char *const steps[][2] = {
		{"reads-hidden", "if a name is needed: keytrail report "
				 "--variable NAME"},
		{"still-running", "ask again when it has ended"},
		{"not-watched", "try the value with its provider"},
		{"nothing-recorded", "if a service was to record there: "
				     "keytrail doctor -p PID or, as its user, "
				     "KEYTRAIL=dir=... keytrail doctor"},
	};

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (!strcmp(code, steps[i][0]))
			return steps[i][1];
	return NULL;
}

bool records_requests(const struct trace *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->events[i].kind == KT_RUN && t->events[i].http)
			return true;
	return false;
}

bool has_unseen_requests(const struct model *m)
{
	for (size_t i = 0; i < m->n_images; i++)
		if (m->images[i]->unseen_requests)
			return true;
	return false;
}

static bool has_word(struct str name, const char *word)
{
	return memmem(name.at, name.len, word, strlen(word));
}

/* A password goes to no host of HTTP, nor does the address of a database. */
static bool is_sent_in_requests(struct str name)
{
	const struct str known = STR("DATABASE_URL");

	if (has_word(name, "API_KEY") || has_word(name, "TOKEN"))
		return true;
	return !has_word(name, "PASSWORD") && !has_word(name, "PWD") &&
	       !are_of_one_provider(name, known) &&
	       !are_of_one_kind(name, known);
}

bool lacks_requests(const struct model *m)
{
	return !m->n_requests && !has_unseen_requests(m) &&
	       !records_requests(m->trace);
}

static bool would_requests_tell(const struct model *m, struct str name)
{
	return name.len && is_sent_in_requests(name) && lacks_requests(m);
}

struct str next_step(struct arena *a, const struct model *m,
		     const struct doubt *doubt, const struct image *gap)
{
	const char *code = doubt->code;

	if (!strcmp(code, "still-running") && trace_is_over(m->trace))
		return STR("record it again, to its end");
	if (gap && gap->gap != GAP_NONE)
		return step_of_gap(a, m, gap);
	if (!strcmp(code, "unseen-hop") || !strcmp(code, "not-read"))
		return doctor_of_command(a, m);
	if (would_requests_tell(m, doubt->name))
		return STR("whether a host accepts it: keytrail run --http");
	return str_of(step_of_code(code));
}
