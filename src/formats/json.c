#include "formats/formats.h"
#include "formats/trace_owners.h"
#include "formats/words.h"
#include "model/place.h"
#include "model/request_words.h"
#include "trace/site.h"

/* The report as a JSON document, schema keytrail-report/1. A key without a
 * value is left out. */

struct json_writer {
	struct out *o;
	unsigned depth;
	bool fresh;		   /* the object or array is empty so far */
	const struct trace *trace; /* or null */
};

static void print_newline(struct json_writer *w)
{
	out_print(w->o, "\n%*s", (int)w->depth * 2, "");
}

static void print_separator(struct json_writer *w)
{
	if (!w->fresh)
		out_str(w->o, STR(","));
	if (w->depth)
		print_newline(w);
	w->fresh = false;
}

static void print_key(struct json_writer *w, const char *name)
{
	print_separator(w);
	out_print(w->o, "\"%s\": ", name);
}

static void print_open(struct json_writer *w, const char *bracket)
{
	out_str(w->o, str_of(bracket));
	w->depth++;
	w->fresh = true;
}

static void print_close(struct json_writer *w, const char *bracket)
{
	w->depth--;
	if (!w->fresh)
		print_newline(w);
	out_str(w->o, str_of(bracket));
	w->fresh = false;
}

static void open_list(struct json_writer *w, const char *name)
{
	print_key(w, name);
	print_open(w, "[");
}

/* An object of a list. */
static void open_item(struct json_writer *w)
{
	print_separator(w);
	print_open(w, "{");
}

static void print_text(struct json_writer *w, const char *name,
		       struct str value)
{
	if (!value.len)
		return;
	print_key(w, name);
	out_json(w->o, value);
}

static void print_texts(struct json_writer *w, const char *name,
			const struct strs *texts)
{
	open_list(w, name);
	for (size_t i = 0; i < texts->n; i++) {
		print_separator(w);
		out_json(w->o, texts->at[i]);
	}
	print_close(w, "]");
}

static void print_number(struct json_writer *w, const char *name,
			 uint64_t value)
{
	print_key(w, name);
	out_print(w->o, "%llu", (unsigned long long)value);
}

static void print_flag(struct json_writer *w, const char *key)
{
	print_key(w, key);
	out_print(w->o, "true");
}

static void print_image(struct json_writer *w, const struct image *i)
{
	if (!i)
		return;
	if (i->pid)
		print_number(w, "pid", i->pid);
	if (i->hop == HOP_THREAD)
		print_flag(w, "thread");
	print_text(w, "exe", i->exe);
	if (i->birth && i->birth->label.len)
		print_text(w, "label", i->birth->label);
	if (i->owner)
		print_number(w, "user", i->uid);
}

static void print_site(struct json_writer *w, struct str site)
{
	print_text(w, "site", site_without_mark(site));
	if (site_is_marked(site))
		print_flag(w, "compiled");
	if (place_was_edited(w->trace, site))
		print_flag(w, "edited");
}

static void print_callers(struct json_writer *w, const struct strs *callers)
{
	open_list(w, "callers");
	for (size_t i = 0; i < callers->n; i++) {
		print_separator(w);
		out_json(w->o, site_without_mark(callers->at[i]));
	}
	print_close(w, "]");
}

/* The function of a site, and the callers. */
static void print_function(struct json_writer *w, const struct event *e)
{
	if (!e)
		return;
	print_text(w, "function", event_function(e));
	if (!e->stack.n)
		return;
	print_texts(w, "stack", &e->stack);
}

static void open_process(struct json_writer *w, const char *key,
			 const struct image *image)
{
	print_key(w, key);
	print_open(w, "{");
	print_image(w, image);
	print_text(w, "command", image->command);
}

static void print_victim(struct json_writer *w, const struct finding *f)
{
	if (!f->victim)
		return;
	open_process(w, "victim", f->victim);
	print_site(w, f->victim_site);
	print_text(w, "via", site_without_mark(f->victim_via));
	if (f->callers.n)
		print_callers(w, &f->callers);
	print_text(w, "end", str_of(f->end));
	print_function(w, f->victim_event);
	print_close(w, "}");
}

static void print_culprit(struct json_writer *w, const struct finding *f)
{
	if (!f->culprit)
		return;
	open_process(w, "culprit", f->culprit);
	print_text(w, "operation", f->operation);
	print_site(w, f->culprit_site);
	print_function(w, f->culprit_event);
	print_close(w, "}");
}

static void print_path(struct json_writer *w, const struct finding *f)
{
	static const char *const states[] = {[STATE_UNSEEN] = "unseen",
					     [STATE_ABSENT] = "absent",
					     [STATE_PRESENT] = "present",
					     [STATE_CHANGED] = "changed"};

	if (!f->n_path)
		return;
	open_list(w, "path");
	for (size_t i = 0; i < f->n_path; i++) {
		open_item(w);
		print_image(w, f->path[i].image);
		print_text(w, "state", str_of(states[f->path[i].state]));
		print_text(w, "fingerprint", f->path[i].fp);
		if (f->path[i].is_empty)
			print_flag(w, "empty");
		print_close(w, "}");
	}
	print_close(w, "]");
}

/* A request, and what came back. */
static void print_request(struct json_writer *w, const struct finding *f)
{
	const struct request *q = f->request;

	if (!q)
		return;
	print_key(w, "request");
	print_open(w, "{");
	print_text(w, "method", q->event->method);
	print_text(w, "host", q->event->host);
	if (q->event->port)
		print_number(w, "port", q->event->port);
	print_text(w, "path", q->event->path);
	if (q->response) {
		print_number(w, "status", (uint64_t)q->response->status);
		print_text(w, "code", q->code);
	}
	print_text(w, "site", f->request_site);
	print_number(w, "count", request_count(q));
	print_close(w, "}");
}

static void print_finding(struct json_writer *w, const struct finding *f)
{
	static const char *const severities[] = {
		[NOTE] = "note", [WARNING] = "warning", [FAULT] = "fault"};
	static const char *const confidences[] = {[POSSIBLE] = "possible",
						  [LIKELY] = "likely",
						  [CERTAIN] = "certain"};

	open_item(w);
	print_text(w, "code", str_of(f->code));
	print_text(w, "id", str_of(f->id));
	print_text(w, "variable", f->variable);
	if (f->others.n)
		print_texts(w, "others", &f->others);
	print_text(w, "severity", str_of(severities[f->severity]));
	print_text(w, "confidence", str_of(confidences[f->confidence]));
	print_text(w, "summary", f->summary);
	print_text(w, "detail", f->detail);
	print_victim(w, f);
	print_culprit(w, f);
	print_path(w, f);
	print_request(w, f);
	print_text(w, "fix", f->fix);
	print_number(w, "count", f->count);
	print_close(w, "}");
}

static void print_shapes(struct json_writer *w, const struct value *v)
{
	struct strs shapes = shapes_in_words(w->o->arena, v);

	if (shapes.n)
		print_texts(w, "shapes", &shapes);
}

static void print_value(struct json_writer *w, const struct value_use *use)
{
	open_item(w);
	print_text(w, "fingerprint", use->value->fp);
	print_text(w, "key", use->key);
	print_text(w, "provider", use->value->from);
	print_number(w, "length", use->value->len);
	print_shapes(w, use->value);
	print_number(w, "holders", use->holders);
	print_number(w, "processes", use->processes);
	print_number(w, "readers", use->readers);
	print_close(w, "}");
}

static void print_values(struct json_writer *w, const struct variable *v)
{
	open_list(w, "values");
	for (size_t i = 0; i < v->n_values; i++)
		print_value(w, &v->values[i]);
	print_close(w, "]");
}

static void print_variable(struct json_writer *w, const struct variable *v)
{
	open_item(w);
	print_text(w, "name", v->name);
	print_texts(w, "fingerprints", &v->fingerprints);
	print_values(w, v);
	print_number(w, "holders", v->holders);
	print_number(w, "processes", v->processes);
	print_number(w, "readers", v->readers);
	print_number(w, "missed", v->missed);
	print_close(w, "}");
}

static void print_gap(struct json_writer *w, const struct coverage_gap *g)
{
	open_item(w);
	print_image(w, g->image);
	print_text(w, "reason", str_of(gap_word(g->gap)));
	print_close(w, "}");
}

static void print_folded(struct json_writer *w, const struct folded *f)
{
	open_item(w);
	print_image(w, f->image);
	print_text(w, "event", f->event->of);
	if (str_eq(f->event->of, STR("read"))) {
		print_key(w, "found");
		out_print(w->o, f->event->found ? "true" : "false");
	}
	print_text(w, "variable", f->event->name);
	print_site(w, event_site(f->event));
	print_number(w, "count", f->event->n);
	print_close(w, "}");
}

static void print_all_folded(struct json_writer *w, const struct model *m)
{
	open_list(w, "folded");
	for (const struct folded *f = m->folded; f; f = f->next)
		print_folded(w, f);
	print_close(w, "]");
}

static void print_file(struct json_writer *w, const struct trace_file *f)
{
	open_item(w);
	print_text(w, "file", f->name);
	print_number(w, "user", f->uid);
	print_number(w, "lines", f->lines);
	print_text(w, "unread", str_of(f->unread));
	print_close(w, "}");
}

static void print_user(struct json_writer *w, const struct user_files *u)
{
	open_item(w);
	print_number(w, "user", u->uid);
	print_text(w, "believed", u->is_stranger ? STR("own") : STR("all"));
	print_number(w, "files", u->files);
	print_number(w, "lines", u->lines);
	print_number(w, "not_believed", u->unbelieved);
	print_close(w, "}");
}

/* A stranger can make any number of files: only the first are listed. */
static void print_files(struct json_writer *w, const struct trace *trace)
{
	enum { MAX_FILES = 1000 };
	const struct user_files *users;
	size_t n;

	if (!trace || !trace->n_files || !files_are_mixed(trace))
		return;
	users = files_by_user(w->o->arena, trace, &n);
	open_list(w, "users");
	for (size_t i = 0; i < n; i++)
		print_user(w, &users[i]);
	print_close(w, "]");
	open_list(w, "files");
	for (size_t i = 0; i < trace->n_files && i < MAX_FILES; i++)
		print_file(w, &trace->files[i]);
	print_close(w, "]");
}

static void print_coverage(struct json_writer *w, const struct report *r)
{
	print_key(w, "coverage");
	print_open(w, "{");
	print_number(w, "processes", r->processes);
	print_number(w, "images", r->images);
	print_number(w, "observed", r->observed);
	open_list(w, "gaps");
	for (size_t i = 0; i < r->n_gaps; i++)
		print_gap(w, &r->gaps[i]);
	print_close(w, "]");
	print_all_folded(w, r->model);
	if (r->full)
		print_text(w, "full_since",
			   moment_in_words(w->o->arena, r->full_wall));
	print_number(w, "lost_events", r->lost_events);
	print_number(w, "broken_lines", r->broken_lines);
	if (r->model->trace && r->model->trace->unbelieved)
		print_number(w, "not_believed_lines",
			     r->model->trace->unbelieved);
	print_files(w, r->model->trace);
	print_close(w, "}");
}

static void print_run(struct json_writer *w, const struct report *r)
{
	if (r->run.run > 0)
		print_number(w, "run", (uint64_t)r->run.run);
	if (r->run.runs > 0)
		print_number(w, "runs", (uint64_t)r->run.runs);
	if (r->run.earlier_starts) {
		print_number(w, "earlier_starts", r->run.earlier_starts);
		print_number(w, "failed_starts", r->run.failed_starts);
	}
	print_number(w, "ignored", r->n_ignored);
}

static void write_json(struct out *o, const struct report *r)
{
	struct json_writer w = {
		.o = o, .fresh = true, .trace = r->model->trace};

	print_open(&w, "{");
	print_text(&w, "schema", STR("keytrail-report/1"));
	print_text(&w, "verdict", str_of(verdict_word(r->verdict)));
	print_text(&w, "headline", r->headline);
	print_text(&w, "reason", r->reason);
	print_text(&w, "reason_code", str_of(r->reason_code));
	print_run(&w, r);
	open_list(&w, "findings");
	for (size_t i = 0; i < r->n_findings; i++)
		print_finding(&w, &r->findings[i]);
	print_close(&w, "]");
	open_list(&w, "variables");
	for (size_t i = 0; i < r->model->n_variables; i++)
		print_variable(&w, &r->model->variables[i]);
	print_close(&w, "]");
	print_coverage(&w, r);
	print_close(&w, "}");
	out_str(o, STR("\n"));
}

const struct format format_json = {"json", write_json};
