#include "commands/pack/pack_facts.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/hashmap.h"
#include "runtimes/runtime.h"

static void write_text(struct out *o, const char *key, struct str value)
{
	if (!value.len)
		return;
	out_print(o, ",\"%s\":", key);
	out_json(o, value);
}

static void write_texts(struct out *o, const char *key,
			const struct strs *values)
{
	for (size_t i = 0; i < values->n; i++) {
		if (i)
			out_print(o, ",");
		else
			out_print(o, ",\"%s\":[", key);
		out_json(o, values->at[i]);
	}
	if (values->n)
		out_print(o, "]");
}

/* --- the host ------------------------------------------------------------- */

static struct str zone_at(struct arena *a, const struct trace *t)
{
	char text[16];
	struct tm tm;
	size_t i = 0;
	time_t seconds;

	while (i < t->n && !t->events[i].wall)
		i++;
	if (i == t->n)
		return STR("");
	seconds = (time_t)(t->events[i].wall / 1000);
	if (!localtime_r(&seconds, &tm) ||
	    !strftime(text, sizeof text, "%z", &tm))
		return STR("");
	return arena_print(a, "%s", text);
}

static void write_host(struct out *o, const struct trace *t)
{
	struct utsname host;
	char libc[64];

	if (!uname(&host))
		write_text(o, "kernel",
			   arena_print(o->arena, "%s %s %s", host.sysname,
				       host.release, host.machine));
	if (confstr(_CS_GNU_LIBC_VERSION, libc, sizeof libc))
		write_text(o, "libc", str_of(libc));
	write_text(o, "zone", zone_at(o->arena, t));
}

static void write_told_host(struct out *o, const struct event *pack)
{
	write_text(o, "kernel", pack->kernel);
	write_text(o, "libc", pack->libc);
	write_text(o, "zone", pack->zone);
}

/* --- the programs --------------------------------------------------------- */

/* The digits of 18.2.0 at the end of "v18.2.0", or len 0. */
static struct str version_in(struct str name)
{
	size_t i = name.len, dots = 0;

	while (i && (isdigit((unsigned char)name.at[i - 1]) ||
		     name.at[i - 1] == '.'))
		dots += name.at[--i] == '.';
	if (!dots || i == name.len || !isdigit((unsigned char)name.at[i]))
		return STR("");
	return (struct str){name.at + i, name.len - i};
}

/* "python3.11"; "node 18.2.0" of /opt/node-v18.2.0/bin/node. */
static struct str with_version(struct arena *a, struct str exe)
{
	struct str base = str_base(exe), part = exe, version;

	if (version_in(base).len)
		return base;
	while (part.len > 1) {
		part.len -= str_base(part).len;
		part.len -= part.len > 0;
		version = version_in(str_base(part));
		if (version.len)
			return arena_print(a, "%.*s %.*s", STR_FMT(base),
					   STR_FMT(version));
	}
	return base;
}

static struct strs runtimes_of(struct arena *a, const struct trace *t)
{
	enum { MOST = 32 };
	struct strs told = {TAKE(a, struct str, MOST), 0};
	struct hashmap *seen = hashmap_new(a);

	for (size_t i = 0; i < t->n && told.n < MOST; i++) {
		const struct event *e = &t->events[i];
		void **slot;

		if (e->kind != KT_BIRTH || !e->exe.len ||
		    runtime_of_program(e->exe)->depth == DEPTH_UNKNOWN)
			continue;
		slot = hashmap_slot(seen, NULL, e->exe);
		if (*slot)
			continue;
		*slot = seen;
		told.at[told.n++] = with_version(a, e->exe);
	}
	return told;
}

static const struct event *newest_run(const struct trace *t)
{
	const struct event *run = NULL;

	for (size_t i = 0; i < t->n; i++)
		if (t->events[i].kind == KT_RUN)
			run = &t->events[i];
	return run;
}

static bool is_pid_of(const struct event *e, uint64_t pid)
{
	char digits[24];

	snprintf(digits, sizeof digits, "%" PRIu64, pid);
	return str_eq(image_pid(e->image), str_of(digits));
}

/* Of a launcher, the arguments of the command are in its exec. */
static struct strs arguments_of(const struct trace *t)
{
	const struct event *run = newest_run(t);
	enum kt_event told_by = run && run->launcher ? KT_EXEC : KT_BIRTH;

	for (size_t i = run ? (size_t)(run - t->events) : 0; i < t->n; i++) {
		const struct event *e = &t->events[i];

		if (e->kind == told_by && e->args.n &&
		    (!run || is_pid_of(e, run->pid)))
			return e->args;
	}
	return (struct strs){NULL, 0};
}

void pack_facts_write(struct out *o, const struct trace *t)
{
	struct strs runtimes = runtimes_of(o->arena, t);
	struct strs arguments = arguments_of(t);

	if (t->pack)
		write_told_host(o, t->pack);
	else if (trace_is_of_this_boot(t))
		write_host(o, t);
	write_texts(o, "runtimes", &runtimes);
	write_texts(o, "args", &arguments);
}
