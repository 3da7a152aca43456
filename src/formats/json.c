#include "formats/files.h"
#include "formats/formats.h"
#include "formats/words.h"

/* The report as a JSON document, schema keytrail-report/1. A key that does
 * not apply is left out. */

struct tell {
	struct out *o;
	unsigned depth;
	bool fresh; /* nothing stands in this object or array yet */
};

static void next_line(struct tell *t)
{
	out_print(t->o, "\n%*s", (int)t->depth * 2, "");
}

static void begin_item(struct tell *t)
{
	if (!t->fresh)
		out_str(t->o, STR(","));
	if (t->depth)
		next_line(t);
	t->fresh = false;
}

static void key(struct tell *t, const char *name)
{
	begin_item(t);
	out_print(t->o, "\"%s\": ", name);
}

static void begin(struct tell *t, const char *bracket)
{
	out_str(t->o, str_of(bracket));
	t->depth++;
	t->fresh = true;
}

static void end(struct tell *t, const char *bracket)
{
	t->depth--;
	if (!t->fresh)
		next_line(t);
	out_str(t->o, str_of(bracket));
	t->fresh = false;
}

static void text(struct tell *t, const char *name, struct str value)
{
	if (!value.len)
		return;
	key(t, name);
	out_json(t->o, value);
}

static void number(struct tell *t, const char *name, uint64_t value)
{
	key(t, name);
	out_print(t->o, "%llu", (unsigned long long)value);
}

static void image(struct tell *t, const struct image *i)
{
	if (!i)
		return;
	if (i->pid)
		number(t, "pid", i->pid);
	if (i->hop == HOP_THREAD) {
		key(t, "thread");
		out_print(t->o, "true");
	}
	text(t, "exe", i->exe);
	if (i->owner)
		number(t, "user", i->uid);
}

/* Behind its site: the function, and who called it. */
static void function(struct tell *t, const struct event *e)
{
	if (!e)
		return;
	text(t, "function", e->in);
	if (!e->stack.n)
		return;
	key(t, "stack");
	begin(t, "[");
	for (size_t i = 0; i < e->stack.n; i++) {
		begin_item(t);
		out_json(t->o, e->stack.at[i]);
	}
	end(t, "]");
}

static void victim(struct tell *t, const struct finding *f)
{
	if (!f->victim)
		return;
	key(t, "victim");
	begin(t, "{");
	image(t, f->victim);
	text(t, "command", f->victim->command);
	text(t, "site", f->victim_site);
	function(t, f->victim_event);
	end(t, "}");
}

static void culprit(struct tell *t, const struct finding *f)
{
	if (!f->culprit)
		return;
	key(t, "culprit");
	begin(t, "{");
	image(t, f->culprit);
	text(t, "command", f->culprit->command);
	text(t, "operation", f->operation);
	text(t, "site", f->culprit_site);
	function(t, f->culprit_event);
	end(t, "}");
}

static const char *state_word(enum state s)
{
	switch (s) {
	case STATE_UNSEEN:
		return "unseen";
	case STATE_ABSENT:
		return "absent";
	case STATE_PRESENT:
		return "present";
	case STATE_CHANGED:
		return "changed";
	}
	return "unseen";
}

static void path(struct tell *t, const struct finding *f)
{
	if (!f->n_path)
		return;
	key(t, "path");
	begin(t, "[");
	for (size_t i = 0; i < f->n_path; i++) {
		begin_item(t);
		begin(t, "{");
		image(t, f->path[i].image);
		text(t, "state", str_of(state_word(f->path[i].state)));
		text(t, "fingerprint", f->path[i].fp);
		end(t, "}");
	}
	end(t, "]");
}

static void finding(struct tell *t, const struct finding *f)
{
	static const char *const severities[] = {
		[NOTE] = "note", [WARNING] = "warning", [FAULT] = "fault"};
	static const char *const confidences[] = {[POSSIBLE] = "possible",
						  [LIKELY] = "likely",
						  [CERTAIN] = "certain"};

	begin_item(t);
	begin(t, "{");
	text(t, "code", str_of(f->code));
	text(t, "id", str_of(f->id));
	text(t, "variable", f->variable);
	text(t, "severity", str_of(severities[f->severity]));
	text(t, "confidence", str_of(confidences[f->confidence]));
	text(t, "summary", f->summary);
	victim(t, f);
	culprit(t, f);
	path(t, f);
	text(t, "fix", f->fix);
	number(t, "count", f->count);
	end(t, "}");
}

static void variable(struct tell *t, const struct variable *v)
{
	begin_item(t);
	begin(t, "{");
	text(t, "name", v->name);
	key(t, "fingerprints");
	begin(t, "[");
	for (size_t i = 0; i < v->fingerprints.n; i++) {
		begin_item(t);
		out_json(t->o, v->fingerprints.at[i]);
	}
	end(t, "]");
	number(t, "holders", v->holders);
	number(t, "readers", v->readers);
	number(t, "missed", v->missed);
	end(t, "}");
}

static void gap(struct tell *t, const struct gap *g)
{
	begin_item(t);
	begin(t, "{");
	image(t, g->image);
	text(t, "reason", str_of(g->reason));
	end(t, "}");
}

static void folded(struct tell *t, const struct folded *f)
{
	begin_item(t);
	begin(t, "{");
	image(t, f->image);
	text(t, "event", f->event->of);
	if (str_eq(f->event->of, STR("read"))) {
		key(t, "found");
		out_print(t->o, f->event->found ? "true" : "false");
	}
	text(t, "variable", f->event->name);
	text(t, "site", event_site(f->event));
	number(t, "count", f->event->n);
	end(t, "}");
}

static void all_folded(struct tell *t, const struct model *m)
{
	key(t, "folded");
	begin(t, "[");
	for (const struct folded *f = m->folded; f; f = f->next)
		folded(t, f);
	end(t, "]");
}

static void user(struct tell *t, const struct user_files *u)
{
	begin_item(t);
	begin(t, "{");
	number(t, "user", u->uid);
	text(t, "believed", u->is_stranger ? STR("own") : STR("all"));
	number(t, "files", u->files);
	number(t, "lines", u->lines);
	number(t, "not_believed", u->unbelieved);
	end(t, "}");
}

static void file(struct tell *t, const struct trace_file *f)
{
	begin_item(t);
	begin(t, "{");
	text(t, "file", f->name);
	number(t, "user", f->uid);
	number(t, "lines", f->lines);
	text(t, "unread", str_of(f->unread));
	end(t, "}");
}

/* A stranger can make more files than anybody reads about. */
static void files(struct tell *t, const struct trace *trace)
{
	enum { MOST = 1000 };
	const struct user_files *users;
	size_t n;

	if (!trace || !trace->n_files || !files_are_mixed(trace))
		return;
	users = files_by_user(t->o->arena, trace, &n);
	key(t, "users");
	begin(t, "[");
	for (size_t i = 0; i < n; i++)
		user(t, &users[i]);
	end(t, "]");
	key(t, "files");
	begin(t, "[");
	for (size_t i = 0; i < trace->n_files && i < MOST; i++)
		file(t, &trace->files[i]);
	end(t, "]");
}

static void coverage(struct tell *t, const struct report *r)
{
	key(t, "coverage");
	begin(t, "{");
	number(t, "images", r->images);
	number(t, "observed", r->observed);
	key(t, "gaps");
	begin(t, "[");
	for (size_t i = 0; i < r->n_gaps; i++)
		gap(t, &r->gaps[i]);
	end(t, "]");
	all_folded(t, r->model);
	if (r->full)
		text(t, "full_since", moment_in_words(t->o->arena, r->full_wall));
	number(t, "lost_events", r->lost_events);
	number(t, "broken_lines", r->broken_lines);
	if (r->model->trace && r->model->trace->unbelieved)
		number(t, "not_believed_lines", r->model->trace->unbelieved);
	files(t, r->model->trace);
	end(t, "}");
}

static void write_json(struct out *o, const struct report *r)
{
	static const char *const verdicts[] = {[INCONCLUSIVE] = "inconclusive",
					       [HEALTHY] = "healthy",
					       [FAULTY] = "fault"};
	struct tell t = {.o = o, .fresh = true};

	begin(&t, "{");
	text(&t, "schema", STR("keytrail-report/1"));
	text(&t, "verdict", str_of(verdicts[r->verdict]));
	text(&t, "reason", r->reason);
	key(&t, "findings");
	begin(&t, "[");
	for (size_t i = 0; i < r->n_findings; i++)
		finding(&t, &r->findings[i]);
	end(&t, "]");
	key(&t, "variables");
	begin(&t, "[");
	for (size_t i = 0; i < r->model->n_variables; i++)
		variable(&t, &r->model->variables[i]);
	end(&t, "]");
	coverage(&t, r);
	end(&t, "}");
	out_str(o, STR("\n"));
}

const struct format format_json = {"json", write_json};
