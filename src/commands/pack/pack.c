#include "command_sites/command_sites.h"
#include "commands/env_file_late_look.h"
#include "commands/event_variables.h"
#include "commands/open_traces.h"
#include "commands/outfile.h"
#include "commands/pack/pack_summary.h"
#include "commands/pack/pack_facts.h"
#include "commands/pack/pack_outfile.h"
#include "commands/option_names.h"
#include "symbols/source_maps.h"
#include "symbols/symbols.h"
#include "trace/json.h"
#include "trace/newest_trace.h"
#include "trace/site.h"

static void write_text(struct out *o, const char *name, struct str text)
{
	if (!text.len)
		return;
	out_print(o, ",\"%s\":", name);
	out_json(o, text);
}

static void write_list(struct out *o, const char *name, struct strs texts)
{
	if (!texts.n)
		return;
	out_print(o, ",\"%s\":", name);
	for (size_t i = 0; i < texts.n; i++) {
		out_print(o, i ? "," : "[");
		out_json(o, texts.at[i]);
	}
	out_print(o, "]");
}

static void write_names(struct out *o, const struct event *e)
{
	write_text(o, "site", e->symbol_site);
	write_text(o, "in", e->symbol_in);
	write_list(o, "stack", e->stack);
	out_print(o, ",\"symbolized\":true");
}

/* The line as recorded, less the members that source maps changed. */
static void write_unmapped(struct out *o, struct str line)
{
	static const char changed[] =
		"site column generated callers caller_columns compiled";
	struct json j = json_of(o->arena, line);
	struct str key;
	const char *from;
	bool is_first = true;

	json_open(&j, JSON_OBJECT);
	for (from = j.at; json_key(&j, &key); from = j.at) {
		json_skip(&j);
		if (str_is_listed(key, changed))
			continue;
		out_str(o, is_first ? STR("{") : STR(""));
		out_json_line(o, (struct str){from, (size_t)(j.at - from)});
		is_first = false;
	}
}

static void write_source(struct out *o, const struct event *e)
{
	write_text(o, "site", site_without_mark(e->site));
	if (e->column)
		out_print(o, ",\"column\":%llu", (unsigned long long)e->column);
	write_text(o, "generated", e->generated);
	write_list(o, "callers", e->callers);
	out_print(o, e->compiled ? ",\"compiled\":true" : "");
}

static void write_unexported(struct out *o, struct unexported_list list)
{
	for (size_t i = 0; i < list.n; i++) {
		out_print(o, i ? ",{\"name\":" : ",\"unexported\":[{\"name\":");
		out_json(o, list.at[i].name);
		write_text(o, "site", list.at[i].site);
		write_text(o, "read_at", list.at[i].read_at);
		write_text(o, "returns_at", list.at[i].returns_at);
		write_text(o, "spaced_at", list.at[i].spaced_at);
		write_text(o, "local_at", list.at[i].local_at);
		write_text(o, "removed_at", list.at[i].removed_at);
		write_text(o, "removed_by", list.at[i].removed_by);
		write_text(o, "exported_at", list.at[i].exported_at);
		out_print(o, "}");
	}
	out_print(o, "]");
}

/* The line as recorded, followed by facts known only on this machine: the names
 * of the line's places, and the owner of a stranger's file. */
static void write_line(struct out *o, const struct trace *t,
		       const struct event *e)
{
	if (!e->symbolized_here && !e->mapped_here && !e->command_site_is_new &&
	    !e->changed_lines_are_new && !e->tested_is_new &&
	    !e->unexported_is_new && !e->expanded_is_new && !e->owner) {
		out_json_line(o, e->line);
		return;
	}
	if (e->mapped_here)
		write_unmapped(o, e->line);
	else
		out_json_line(o, (struct str){e->line.at, e->line.len - 1});
	if (e->mapped_here)
		write_source(o, e);
	if (e->symbolized_here)
		write_names(o, e);
	if (e->command_site_is_new)
		write_text(o, "command_site", e->command_site);
	if (e->tested_is_new)
		write_list(o, "tested", e->tested);
	if (e->changed_lines_are_new)
		write_list(o, "changed_lines", e->changed_lines);
	if (e->unexported_is_new)
		write_unexported(o, e->unexported);
	if (e->expanded_is_new)
		write_list(o, "expanded", e->expanded);
	if (e->owner)
		out_print(o, ",\"owner\":%llu",
			  (unsigned long long)t->owners[e->owner].uid);
	out_print(o, "}");
}

static uint64_t told_lost(const struct trace *t, unsigned owner)
{
	uint64_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		if (t->events[i].owner == owner && t->events[i].kind == KT_LOST)
			n += t->events[i].n;
	return n;
}

/* A stranger's counters may count more losses than the stranger's `lost`
 * events. Returns the number of lines. */
static size_t write_losses(struct out *o, const struct trace *t)
{
	size_t n = 0;

	for (unsigned i = 1; i < t->n_owners; i++) {
		uint64_t told = told_lost(t, i), lost = t->owners[i].lost;

		if (lost <= told)
			continue;
		out_print(o, "{\"e\":\"lost\",\"n\":%llu,\"owner\":%llu}\n",
			  (unsigned long long)lost,
			  (unsigned long long)t->owners[i].uid);
		n++;
	}
	return n;
}

/* A read, set or removal of another variable than those of --only. */
static bool is_left_out(const struct event *e, const struct texts *only)
{
	return only->n && e->name.len && !is_one_of(e->name, only);
}

static size_t count_lines(const struct trace *t, const struct texts *only)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += !is_left_out(&t->events[i], only);
	return n;
}

static void write_head(struct out *o, const struct trace *t,
		       const struct texts *only)
{
	struct out losses = out_to_memory(o->arena);
	size_t n = write_losses(&losses, t) + count_lines(t, only);

	out_print(o,
		  "{\"e\":\"pack\",\"v\":%d,\"version\":\"%s\",\"lines\":%zu,"
		  "\"lost\":%llu,\"broken\":%llu",
		  KT_TRACE_VERSION, KEYTRAIL_VERSION, n,
		  (unsigned long long)trace_lost(t, 0),
		  (unsigned long long)t->broken);
	if (t->unbelieved)
		out_print(o, ",\"unbelieved\":%llu",
			  (unsigned long long)t->unbelieved);
	pack_facts_write(o, t);
	out_print(o, "}\n");
	out_str(o, out_memory(&losses));
}

/* Each line is made in memory first, so that its contents are counted as they
 * are written. */
static struct pack_contents write_lines(struct out *o, const struct trace *t,
					const struct texts *only)
{
	struct pack_contents c = pack_contents_new(o->arena);
	struct out line = out_to_memory(o->arena);

	write_head(&line, t, only);
	pack_contents_add(&c, out_memory(&line), NULL);
	out_str(o, out_memory(&line));
	for (size_t i = 0; i < t->n; i++) {
		if (is_left_out(&t->events[i], only))
			continue;
		line.used = 0;
		write_line(&line, t, &t->events[i]);
		out_str(&line, STR("\n"));
		pack_contents_add(&c, out_memory(&line), &t->events[i]);
		out_str(o, out_memory(&line));
	}
	return c;
}

/* What is written to a pipe or a device is read by a program. */
static void tell_contents(const struct outfile *to,
			  const struct pack_contents *c)
{
	struct str words = pack_contents_in_words(c);

	if (!to->path || !to->is_replaced)
		return;
	if (c->values)
		complain(c->arena,
			 "pack: %s has %.*s: do not attach it before you have "
			 "looked at line %zu",
			 to->path, STR_FMT(words), c->first_value);
	else
		complain(c->arena, "pack: %s has %.*s", to->path,
			 STR_FMT(words));
}

/* False after a complaint. */
static bool choose_file(struct arena *arena, const struct opts *opts,
			const char **file)
{
	const char *first =
		opts->n_operands ? opts->operands[0] : newest_trace(arena);

	if (!*file)
		*file = pack_outfile_for(arena, first ? first : "-");
	if (!*file)
		return false;
	if (!strcmp(*file, "-"))
		return true;
	if (!opts->n_operands)
		return pack_outfile_is_outside(arena, "pack", *file,
					       first ? first : "-");
	for (int i = 0; i < opts->n_operands; i++)
		if (!pack_outfile_is_outside(arena, "pack", *file,
					     opts->operands[i]))
			return false;
	return true;
}

static bool has_known_line(struct arena *arena, const struct trace *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->events[i].kind < KT_EVENT_COUNT)
			return true;
	complain(arena, "pack: the trace has no line that is known, so nothing "
			"was recorded; ask keytrail doctor why");
	return false;
}

static int write_pack(struct arena *arena, const char *file,
		      struct trace *trace, const struct texts *only,
		      bool no_env_files)
{
	struct pack_contents contents;
	struct outfile to;
	int status;

	trace_sort(arena, trace);
	if (!no_env_files)
		env_file_late_look(arena, trace, false);
	symbols_resolve(arena, trace);
	source_maps_resolve(arena, trace);
	command_sites_resolve_unfolded(arena, trace);
	if (!outfile_open(arena, file, &to))
		return FAILED;
	contents = write_lines(&to.out, trace, only);
	status = outfile_close(&to, DONE);
	if (status == DONE)
		tell_contents(&to, &contents);
	return status;
}

static int pack(struct arena *arena, int argc, char **argv)
{
	const char *file = NULL;
	struct texts only = {0};
	bool no_env_files = false;
	const struct opt table[] = {
		TEXT('o', "output", "FILE", &file,
		     "the file to write; without it NAME.pack.jsonl here, for "
		     "the trace NAME; - is standard output"),
		LIST(0, "only", "NAME", &only,
		     "of reads, sets and removals only those of NAME; births, "
		     "launches and ends stay whole; may be repeated"),
		FLAG(0, "no-env-files", &no_env_files,
		     "read no env or secret file; else, of a program that was "
		     "preloaded without keytrail run, or lives, the pack has "
		     "what those assign that it opened or looked for: names "
		     "and fingerprints"),
		{0},
	};
	struct opts opts = {
		.synopsis = "pack [-o FILE] [--only NAME]... [--no-env-files] "
			    "[TRACE...]",
		.about = "Makes one file of a trace, to attach to a bug "
			 "report: every event, in order of time, with the "
			 "names of places in programs that are known here, and "
			 "kernel, libc, time zone, runtimes and arguments of "
			 "the run. Says what is in it. The key of the "
			 "fingerprints (DIR.key) is not. Without a TRACE: of "
			 "the newest keytrail-*/ here.",
		.table = table};
	struct trace trace;

	if (!take_options(arena, &opts, argc, argv))
		return opts.status;
	if (!are_whole_names(arena, "pack", "--only", &only) ||
	    !open_traces(arena, &opts, "pack", &trace) ||
	    !has_known_line(arena, &trace) ||
	    !names_are_in_trace(arena, "pack", &only, &trace) ||
	    !choose_file(arena, &opts, &file))
		return FAILED;
	return write_pack(arena, file, &trace, &only, no_env_files);
}

const struct command command_pack = {
	"pack", "make one file of a trace, for a bug report", pack};
