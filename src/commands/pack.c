#include "commands/outfile.h"
#include "commands/open_traces.h"
#include "symbols/symbols.h"

static void write_names(struct out *o, const struct event *e)
{
	if (e->symbol_site.len) {
		out_print(o, ",\"site\":");
		out_json(o, e->symbol_site);
	}
	if (e->symbol_in.len) {
		out_print(o, ",\"in\":");
		out_json(o, e->symbol_in);
	}
	for (size_t i = 0; i < e->stack.n; i++) {
		out_print(o, i ? "," : ",\"stack\":[");
		out_json(o, e->stack.at[i]);
	}
	out_print(o, e->stack.n ? "]" : "");
	out_print(o, ",\"symbolized\":true");
}

/* The line as recorded, followed by facts known only on this machine: the names
 * of the line's places, and the owner of a stranger's file. */
static void write_line(struct out *o, const struct trace *t,
		       const struct event *e)
{
	if (!e->symbolized_here && !e->owner) {
		out_json_line(o, e->line);
		return;
	}
	out_json_line(o, (struct str){e->line.at, e->line.len - 1});
	if (e->symbolized_here)
		write_names(o, e);
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
 * events. */
static void write_losses(struct out *o, const struct trace *t)
{
	for (unsigned i = 1; i < t->n_owners; i++) {
		uint64_t told = told_lost(t, i), lost = t->owners[i].lost;

		if (lost > told)
			out_print(o,
				  "{\"e\":\"lost\",\"n\":%llu,"
				  "\"owner\":%llu}\n",
				  (unsigned long long)lost,
				  (unsigned long long)t->owners[i].uid);
	}
}

static void write_lines(struct out *o, const struct trace *t)
{
	out_print(o,
		  "{\"e\":\"pack\",\"v\":%d,\"version\":\"%s\",\"lost\":%llu,"
		  "\"broken\":%llu",
		  KT_TRACE_VERSION, KEYTRAIL_VERSION,
		  (unsigned long long)trace_lost(t, 0),
		  (unsigned long long)t->broken);
	if (t->unbelieved)
		out_print(o, ",\"unbelieved\":%llu",
			  (unsigned long long)t->unbelieved);
	out_print(o, "}\n");
	write_losses(o, t);
	for (size_t i = 0; i < t->n; i++) {
		write_line(o, t, &t->events[i]);
		out_str(o, STR("\n"));
	}
}

static int pack(struct arena *arena, int argc, char **argv)
{
	const char *file = NULL;
	const struct opt table[] = {
		{'o', "output", "FILE",
		 "the file to write; - is standard output", .text = &file},
		{0},
	};
	struct opts opts = {
		.synopsis = "pack [TRACE...] [-o FILE]",
		.about = "Makes one file of a trace, to attach to a bug "
			 "report: every event, in order of time, with the "
			 "names of places in programs that are known here. "
			 "The key of the fingerprints (DIR.key) is not in "
			 "it.",
		.table = table};
	struct trace trace;
	struct outfile to;
	int status;

	if (!take_options(arena, &opts, argc, argv, &status))
		return status;
	if (!file)
		return complain(arena, "pack: say where to with -o FILE");
	if (!open_traces(arena, &opts, "pack", &trace))
		return FAILED;
	trace_sort(arena, &trace);
	symbols_resolve(arena, &trace);
	if (!outfile_open(arena, file, &to))
		return FAILED;
	write_lines(&to.out, &trace);
	return outfile_close(&to, DONE);
}

const struct command command_pack = {
	"pack", "make one file of a trace, for a bug report", pack};
