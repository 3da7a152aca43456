/* Plays the stories in tests/rules: each becomes a trace in memory, is
 * judged, and what was found is compared with what the story expects. The
 * language is told in tests/rules/README.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "diagnosis/diagnosis.h"
#include "formats/formats.h"
#include "trace/env_file.h"

enum { MOST = 64, MOST_EVENTS = 4096, MOST_TESTS = 2048 };

#define FAIL(...)                                                              \
	do {                                                                   \
		fprintf(stderr, __VA_ARGS__);                                  \
		fail();                                                        \
	} while (0)

static struct arena *arena;

/* --- words ---------------------------------------------------------------- */

struct words {
	struct str at[MOST];
	size_t n;
};

/* Quotes hold blanks together. */
static struct words words_of(struct str line)
{
	struct words w = {.n = 0};
	const char *at = line.at, *end = line.at + line.len;

	while (at < end) {
		char stop = *at == '"' || *at == '\'' ? *at : ' ';
		const char *from;

		if (*at == ' ' || *at == '\t') {
			at++;
			continue;
		}
		from = stop == ' ' ? at : at + 1;
		for (at = from; at < end && *at != stop;)
			at++;
		assert_true(w.n < MOST);
		w.at[w.n++] = (struct str){from, (size_t)(at - from)};
		at += at < end;
	}
	return w;
}

static bool is(struct str s, const char *word)
{
	return str_eq(s, str_of(word));
}

static bool begins(struct str s, const char *with)
{
	return s.len >= strlen(with) && !memcmp(s.at, with, strlen(with));
}

static struct str after(struct str s, char mark)
{
	const char *at = s.len ? memchr(s.at, mark, s.len) : NULL;

	return at ? (struct str){at + 1, s.len - (size_t)(at + 1 - s.at)}
		  : (struct str){NULL, 0};
}

static struct str before(struct str s, char mark)
{
	const char *at = s.len ? memchr(s.at, mark, s.len) : NULL;

	return at ? (struct str){s.at, (size_t)(at - s.at)} : s;
}

static int64_t number(struct str s)
{
	return strtoll(arena_print(arena, "%.*s", STR_FMT(s)).at, NULL, 10);
}

/* --- the world ------------------------------------------------------------ */

struct env {
	struct named_value at[MOST];
	size_t n, others; /* others: how many variables nobody watches */
};

struct proc { /* one image, under the label that the story gives it */
	struct str label, id;
	uint64_t pid, ppid;
	struct env now, held;
	uint64_t n_requests;
	bool is_thread;
};

static struct proc procs[MOST];
static size_t n_procs;
static struct event events[MOST_EVENTS];
static struct trace trace;
static uint64_t now;
static struct question question;
static unsigned source;

static uint64_t pid_of(struct str label)
{
	struct str tail = after(label, ':');

	return (uint64_t)number(tail.len ? tail : label);
}

static struct proc *find(struct str label)
{
	for (size_t i = n_procs; i > 0; i--)
		if (str_eq(procs[i - 1].label, label))
			return &procs[i - 1];
	FAIL("nobody is called %.*s\n", STR_FMT(label));
	return NULL;
}

static struct event *say(enum kt_event kind, const struct proc *by)
{
	struct event *e = &events[trace.n++];

	assert_true(trace.n < MOST_EVENTS);
	*e = (struct event){
		.kind = kind, .t = now, .n = 1, .thread = 1, .source = source};
	if (by)
		e->image = by->id;
	return e;
}

/* --- values and environments ---------------------------------------------- */

static uint32_t shapes_of(struct str words)
{
	static const char *const names[] = {
#define SHAPE(id, name) name,
		KT_SHAPES(SHAPE)
#undef SHAPE
	};
	uint32_t is_so = 0;

	for (; words.len; words = after(words, ',')) {
		size_t bit = 0;

		while (bit < KT_SHAPE_COUNT &&
		       !is(before(words, ','), names[bit]))
			bit++;
		if (bit == KT_SHAPE_COUNT)
			FAIL("no shape: %.*s\n", STR_FMT(words));
		is_so |= 1u << bit;
	}
	return is_so;
}

/* PRINT[:SHAPE,...][@PROVIDER][~BARE][%LENGTH] */
static struct value value_of(struct str text)
{
	struct value v = {.len = 51};

	if (after(text, '%').len)
		v.len = (uint64_t)number(after(text, '%'));
	text = before(text, '%');
	v.bare = after(text, '~');
	text = before(text, '~');
	v.from = after(text, '@');
	text = before(text, '@');
	v.is = shapes_of(after(text, ':'));
	v.fp = before(text, ':');
	return v;
}

static void drop(struct env *env, struct str name)
{
	for (size_t i = 0; i < env->n; i++)
		if (str_eq(env->at[i].name, name))
			env->at[i--] = env->at[--env->n];
}

static void put(struct env *env, struct str name, struct value value)
{
	drop(env, name);
	assert_true(env->n < MOST);
	env->at[env->n++] = (struct named_value){.name = name, .value = value};
}

static const struct value *get(const struct env *env, struct str name)
{
	for (size_t i = 0; i < env->n; i++)
		if (str_eq(env->at[i].name, name))
			return &env->at[i].value;
	return NULL;
}

static struct values listed(const struct env *env)
{
	struct values v = {TAKE(arena, struct named_value, env->n + 1), env->n};

	memcpy(v.at, env->at, env->n * sizeof *env->at);
	return v;
}

static struct values missing(const struct env *held, const struct env *passed)
{
	struct env lost = {.n = 0};

	for (size_t i = 0; i < held->n; i++)
		if (!get(passed, held->at[i].name))
			put(&lost, held->at[i].name, held->at[i].value);
	return listed(&lost);
}

/* How a story's line is meant, beside its names and values. */
struct manner {
	struct env again;
	struct str cut;
	struct str at, fn, exe, in, from, by, cwd, cgroup, key, cause;
	struct str context, missing, named_by;
	uint64_t n, thread;
	bool not_handed, turned_off, unborn, unseen, has_target, clone, is_go;
	bool has_environment, replaced, probe, handled, about_credential;
	enum kt_environment environment;
	enum kt_target target;
};

static bool is_target(struct str word, struct manner *m)
{
	static const char *const names[] = {
#define TARGET(id, name) name,
		KT_TARGETS(TARGET)
#undef TARGET
	};

	for (size_t i = 0; i < KT_TARGET_COUNT; i++)
		if (is(word, names[i]))
			return m->target = (enum kt_target)i,
			       m->has_target = true;
	return false;
}

static void put_environment(struct str word, struct manner *m)
{
	static const char *const names[] = {
#define ENVIRONMENT(id, name) name,
		KT_ENVIRONMENTS(ENVIRONMENT)
#undef ENVIRONMENT
	};

	for (size_t i = 0; i < KT_ENVIRONMENT_COUNT; i++)
		if (is(word, names[i])) {
			m->environment = (enum kt_environment)i;
			m->has_environment = true;
		}
	if (!m->has_environment)
		FAIL("no environment: %.*s\n", STR_FMT(word));
}

static void apply(struct str word, struct env *env, struct manner *m)
{
	struct str name = before(word, '='), text = after(word, '=');

	if (begins(word, "-"))
		drop(env, (struct str){word.at + 1, word.len - 1});
	else if (is(name, "others"))
		env->others = (size_t)number(text);
	else if (is(name, "at"))
		m->at = text;
	else if (is(name, "fn"))
		m->fn = text;
	else if (is(name, "in"))
		m->in = text;
	else if (is(name, "by"))
		m->by = text;
	else if (is(name, "from"))
		m->from = text;
	else if (is(name, "cause"))
		m->cause = text;
	else if (is(name, "context"))
		m->context = text;
	else if (is(name, "environment"))
		put_environment(text, m);
	else if (is(word, "replaced"))
		m->replaced = true;
	else if (is(name, "exe"))
		m->exe = text;
	else if (is(name, "cut"))
		m->cut = text;
	else if (is(name, "again"))
		put(&m->again, before(text, '='), value_of(after(text, '=')));
	else if (is(name, "cwd"))
		m->cwd = text;
	else if (is(name, "cgroup"))
		m->cgroup = text;
	else if (is(name, "key"))
		m->key = text;
	else if (is(name, "named-by"))
		m->named_by = text;
	else if (text.len && is(name, "missing"))
		m->missing = text;
	else if (is(name, "n"))
		m->n = (uint64_t)number(text);
	else if (is(name, "thread"))
		m->thread = (uint64_t)number(text);
	else if (text.len)
		put(env, name, value_of(text));
	else if (is(word, "empty"))
		*env = (struct env){.n = 0};
	else if (is(word, "not-handed"))
		m->not_handed = true;
	else if (is(word, "turned-off"))
		m->turned_off = true;
	else if (is(word, "in-go"))
		m->is_go = true;
	else if (is(word, "unborn"))
		m->unborn = true;
	else if (is(word, "unseen"))
		m->unseen = true;
	else if (is(word, "probe"))
		m->probe = true;
	else if (is(word, "handled"))
		m->handled = true;
	else if (is(word, "about-credential"))
		m->about_credential = true;
	else if (is(word, "clone"))
		m->clone = true;
	else if (!is(word, "quickly") && !is_target(word, m))
		FAIL("what is %.*s?\n", STR_FMT(word));
}

/* TEXT[,TEXT]... */
static struct strs texts_of(struct str list)
{
	struct strs s = {TAKE(arena, struct str, MOST), 0};

	for (; list.len && s.n < MOST; list = after(list, ','))
		s.at[s.n++] = before(list, ',');
	return s;
}

/* A line of the program, or a module and an offset. */
static void put_place(struct event *e, struct str text)
{
	if (text.len && memmem(text.at, text.len, "+0x", 3))
		e->at = text;
	else
		e->site = text;
}

static struct manner manner(const struct words *w, size_t from, struct env *env)
{
	struct manner m = {.n = 1, .thread = 1};

	for (size_t i = from; i < w->n; i++)
		apply(w->at[i], env, &m);
	return m;
}

/* --- births and handovers ------------------------------------------------- */

static struct strs image_arguments(struct str command)
{
	struct words w = words_of(command);
	struct strs args = {TAKE(arena, struct str, w.n + 1), w.n};

	memcpy(args.at, w.at, w.n * sizeof *w.at);
	return args;
}

static struct str path_of(struct str command)
{
	struct str first = words_of(command).at[0];

	if (first.len && first.at[0] == '/')
		return first;
	return arena_print(arena, "/usr/bin/%.*s", STR_FMT(first));
}

/* CLOCK_REALTIME in ms: an hour after the trace's own clock. */
static uint64_t wall(void)
{
	return 3600000 + now / 1000000;
}

static struct proc *born(struct str label, uint64_t ppid, struct str command,
			 const struct env *env, const struct manner *m)
{
	struct proc *p = &procs[n_procs++];
	struct event *e;

	assert_true(n_procs < MOST);
	now += 100000;
	*p = (struct proc){
		.label = label, .ppid = ppid, .now = *env, .held = *env};
	p->pid = pid_of(label);
	p->id = arena_print(arena, "%llu.%llu", (unsigned long long)p->pid,
			    (unsigned long long)now);
	e = say(KT_BIRTH, p);
	e->by = STR("exec");
	e->pid = p->pid;
	e->ppid = ppid;
	e->exe = m->exe.len ? m->exe : path_of(command);
	e->args = image_arguments(command);
	e->argc = e->args.n;
	e->lang = m->is_go ? STR("go") : STR("");
	e->env = listed(env);
	e->again = listed(&m->again);
	e->vars = env->n + env->others;
	e->cwd = m->cwd.len ? m->cwd : STR("/app");
	e->cgroup = m->cgroup;
	e->boot = STR("00000001");
	e->wall = wall();
	e->key = m->key.len ? m->key : STR("0000000k");
	return p;
}

static void count(struct event *e, const struct env *held,
		  const struct env *passed)
{
	size_t most =
		held->others < passed->others ? held->others : passed->others;

	e->vars = passed->n + passed->others;
	e->held = held->n + held->others;
	e->unchanged = most;
	e->dropped = held->others - most + missing(held, passed).n;
	e->added = passed->others - most + missing(passed, held).n;
	for (size_t i = 0; i < passed->n; i++) {
		const struct value *was = get(held, passed->at[i].name);

		if (was && str_eq(was->fp, passed->at[i].value.fp))
			e->unchanged++;
		else
			e->changed += !!was;
	}
	e->same = !e->dropped && !e->added && !e->changed;
	if (e->same)
		return;
	e->env = listed(passed);
	e->lost = missing(held, passed);
}

static struct event *hand(enum kt_event kind, const struct proc *by,
			  struct str command, const struct env *passed,
			  const struct manner *m, const char *fn)
{
	struct event *e = say(kind, by);

	e->fn = m->fn.len ? m->fn : str_of(fn);
	put_place(e, m->at);
	e->callers = texts_of(m->from);
	e->path = m->exe.len ? m->exe : path_of(command);
	e->args = image_arguments(command);
	e->argc = e->args.n;
	e->has_target = e->has_handed = true;
	e->target = m->has_target ? m->target : KT_TARGET_DYNAMIC;
	e->handed = m->turned_off   ? KT_HANDED_OFF
		    : m->not_handed ? KT_HANDED_NOT
				    : KT_HANDED_KEPT;
	count(e, &by->held, passed);
	e->cut = texts_of(m->cut);
	return e;
}

static bool is_born(const struct manner *m)
{
	return !m->unborn && !m->not_handed && !m->turned_off &&
	       (!m->has_target || m->target == KT_TARGET_DYNAMIC);
}

/* --- verbs ---------------------------------------------------------------- */

static void verb_born(struct str who, const struct words *w)
{
	struct env env = {.others = 20};
	struct manner m = manner(w, 3, &env);

	born(who, 1, w->at[2], &env, &m);
}

static void verb_under(struct str who, const struct words *w)
{
	struct env env = {.others = 20};
	struct manner m = manner(w, 4, &env);

	born(who, pid_of(w->at[2]), w->at[3], &env, &m);
}

static void say_fork(const struct proc *parent, uint64_t child)
{
	struct event *e = say(KT_FORK, parent);

	e->fn = STR("fork");
	e->has_child = true;
	e->child = child;
}

static void begin_fork(struct str label, const struct proc *parent,
		       const struct env *env, const struct manner *m)
{
	const struct event *like = NULL;
	struct proc *child;
	struct event *e;

	for (size_t i = 0; i < trace.n; i++)
		if (events[i].kind == KT_BIRTH &&
		    str_eq(events[i].image, parent->id))
			like = &events[i];
	child = born(label, parent->pid, like->exe, env, m);
	child->held = parent->now;
	e = &events[trace.n - 1];
	e->by = m->clone ? STR("clone") : STR("fork");
	e->parent = parent->id;
	e->exe = like->exe;
	e->args = like->args;
}

static void verb_forks(struct str who, const struct words *w)
{
	struct proc *by = find(who), parent = *by;
	struct env env = parent.now;
	struct manner m = manner(w, 3, &env);

	by->held = by->now; /* what comes is judged against this moment */
	if (!m.clone)
		say_fork(&parent, pid_of(w->at[2]));
	begin_fork(w->at[2], &parent, &env, &m);
}

static struct proc forking; /* as it was then */

static void verb_is_forking(struct str who, const struct words *w)
{
	struct proc *by = find(who);

	by->held = by->now;
	forking = *by;
	say_fork(&forking, pid_of(w->at[2]));
}

static void verb_begins(struct str who, const struct words *w)
{
	struct manner none = {0};

	(void)w;
	begin_fork(who, &forking, &forking.now, &none);
}

/* A worker: a part of the process, with its pid and an environment of its own.
 */
static void verb_threads(struct str who, const struct words *w)
{
	struct proc parent = *find(who);
	struct env env = parent.now;
	struct manner m = manner(w, 3, &env);
	struct event *e;

	born(w->at[2], parent.ppid, STR("thread"), &env, &m)->is_thread = true;
	e = &events[trace.n - 1];
	e->by = STR("thread");
	e->parent = parent.id;
	e->fn = STR("Worker");
	put_place(e, m.at);
	e->ppid = 0;
	e->exe = (struct str){NULL, 0};
	e->args = (struct strs){NULL, 0};
	e->argc = 0;
}

static void verb_execs(struct str who, const struct words *w)
{
	struct proc p = *find(who);
	struct env env = p.now;
	struct manner m = manner(w, 3, &env);

	if (!m.unseen)
		hand(KT_EXEC, &p, w->at[2], &env, &m, "execve");
	if (is_born(&m))
		born(who, p.ppid, w->at[2], &env, &m);
}

static void verb_fails(struct str who, const struct words *w)
{
	struct proc p = *find(who);
	struct env env = p.now;
	struct manner m = manner(w, 3, &env);
	struct event *e;

	hand(KT_EXEC, &p, w->at[2], &env, &m, "execve");
	e = say(KT_EXEC_FAILED, &p);
	e->path = words_of(w->at[2]).at[0];
	e->has_errno = true;
	e->error = 2;
}

static void start(struct str who, const struct words *w, enum kt_event kind,
		  const char *fn)
{
	struct proc p = *find(who);
	struct env env = p.now;
	struct manner m = manner(w, 4, &env);
	struct event *e;

	if (!m.unseen) {
		e = hand(kind, &p, w->at[3], &env, &m, fn);
		e->vfork = kind == KT_EXEC;
		e->pid = e->vfork ? pid_of(w->at[2]) : 0;
		e->has_child = kind == KT_SPAWN && strcmp(fn, "system");
		e->child = e->has_child ? pid_of(w->at[2]) : 0;
	}
	if (is_born(&m))
		born(w->at[2], p.pid, w->at[3], &env, &m);
}

static void verb_vforks(struct str who, const struct words *w)
{
	start(who, w, KT_EXEC, "execve");
}

static void verb_spawns(struct str who, const struct words *w)
{
	start(who, w, KT_SPAWN, "posix_spawn");
}

static void verb_systems(struct str who, const struct words *w)
{
	start(who, w, KT_SPAWN, "system");
}

/* `misses`: though it is there, for its language has a copy of its own. */
static void verb_reads(struct str who, const struct words *w)
{
	struct proc *p = find(who);
	struct manner m = manner(w, 3, &p->now);
	const struct value *value =
		is(w->at[1], "misses") ? NULL : get(&p->now, w->at[2]);
	struct event *e = say(KT_READ, p);

	e->fn = STR("getenv");
	e->has_environment = m.has_environment;
	e->environment = m.environment;
	e->name = w->at[2];
	e->found = value;
	e->n = m.n;
	e->thread = m.thread;
	put_place(e, m.at);
	e->in = m.in;
	e->callers = texts_of(m.from);
	if (value)
		e->value = *value;
}

/* PID raises CLASS [cause=CLASS] [context=CLASS] [missing=NAME,...]
 * [by=WHAT] [at=SITE]
 * [in=FUNCTION] [from=SITE,...]: nobody caught it */
static void verb_raises(struct str who, const struct words *w)
{
	struct proc *p = find(who);
	struct manner m = manner(w, 3, &p->now);
	struct event *e = say(KT_RAISE, p);

	e->type = w->at[2];
	e->handled = m.handled;
	e->credential = m.about_credential;
	e->cause = m.cause;
	e->missing = texts_of(m.missing);
	e->context = m.context;
	e->by = m.by;
	e->thread = m.thread;
	put_place(e, m.at);
	e->in = m.in;
	e->callers = texts_of(m.from);
}

/* PID copies [at=SITE] [in=FUNCTION] [from=SITE,...]: all of its environment */
static void verb_copies(struct str who, const struct words *w)
{
	struct proc *p = find(who);
	struct manner m = manner(w, 2, &p->now);
	struct event *e = say(KT_COPY, p);

	put_place(e, m.at);
	e->in = m.in;
	e->callers = texts_of(m.from);
}

/* PID opens PATH [missing] [probe] [named-by=NAME] [at=SITE] [in=FUNCTION]
 * [from=SITE,...] */
static void verb_opens(struct str who, const struct words *w)
{
	struct proc *p = find(who);
	struct manner m = manner(w, 3, &p->now);
	struct event *e = say(KT_OPEN, p);

	e->fn = STR("openat");
	e->path = w->at[2];
	e->name = m.named_by;
	e->has_errno = m.has_target && m.target == KT_TARGET_MISSING;
	e->error = e->has_errno ? 2 : 0;
	e->probe = m.probe;
	put_place(e, m.at);
	e->in = m.in;
	e->callers = texts_of(m.from);
}

/* WHOLE of NAME=VALUE#WHOLE is the rest of the line, where the loader reads
 * less, with a $ before where a part fell away; a # alone is a comment.
 * NAME=spaced: a shell reads NAME = value. NAME=unknown: an expansion of the
 * shell. NAME=unclosed: a quote is not closed. */
static void put_variable(struct file_variable *v, struct str word)
{
	struct str text = after(word, '='), whole = after(text, '#');

	v->name = before(word, '=');
	v->spaced = is(text, "spaced");
	v->unclosed = is(text, "unclosed");
	if (v->spaced || v->unclosed || is(text, "unknown"))
		return;
	if (after(text, '%').len) {
		v->relations = TAKE(arena, struct relation, 1);
		v->relations[0] =
			(struct relation){after(text, '%'), KT_RELATION_PREFIX};
		v->n_relations = 1;
	}
	text = before(text, '%');
	v->value = value_of(before(text, '#'));
	v->comment = memchr(text.at, '#', text.len) && !whole.len;
	if (!whole.len)
		return;
	v->dropped = whole.at[0] == '$';
	v->whole = value_of(whole);
	v->whole.len = v->value.len + 9;
}

/* file PATH opened|missed|near [for=PATH] [NAME=VALUE]...: line after line */
static void verb_file(struct str who, const struct words *w)
{
	static const char *const reasons[] = {
#define REASON(id, name) name,
		KT_FILE_REASONS(REASON)
#undef REASON
	};
	struct env_file *f = TAKE(arena, struct env_file, 1);
	struct event *e = say(KT_FILE, NULL);

	(void)who;
	e->path = w->at[1];
	e->file = f;
	f->syntax = STR("dotenv");
	while (f->why < KT_FILE_REASON_COUNT && !is(w->at[2], reasons[f->why]))
		f->why++;
	f->variables = TAKE(arena, struct file_variable, w->n);
	for (size_t i = 3; i < w->n; i++)
		if (begins(w->at[i], "for="))
			f->for_path = after(w->at[i], '=');
		else if (begins(w->at[i], "changed="))
			e->changed =
				wall() - (uint64_t)number(after(w->at[i], '='));
		else if (begins(w->at[i], "syntax="))
			f->syntax = after(w->at[i], '=');
		else
			put_variable(&f->variables[f->n++], w->at[i]);
	for (size_t i = 0; i < f->n; i++)
		f->variables[i].line = i + 1;
}

/* PID kills PID SIGNAL */
static void verb_kills(struct str who, const struct words *w)
{
	struct event *e = say(KT_KILL, find(who));

	e->to = pid_of(w->at[2]);
	e->signal = number(w->at[3]);
	e->has_signal = true;
}

static void verb_sets(struct str who, const struct words *w)
{
	struct proc *p = find(who);
	struct event *e = say(KT_SET, p);
	struct manner m = manner(w, 2, &p->now);

	e->fn = STR("setenv");
	e->thread = m.thread;
	put_place(e, m.at);
	e->in = m.in;
	e->callers = texts_of(m.from);
	e->has_environment = m.has_environment;
	e->environment = m.environment;
	e->name = before(w->at[2], '=');
	e->value = *get(&p->now, e->name);
	e->is_cut = m.cut.len;
}

static void verb_unsets(struct str who, const struct words *w)
{
	struct proc *p = find(who);
	struct manner m = manner(w, 3, &p->now);
	struct event *e = say(KT_UNSET, p);

	e->fn = STR("unsetenv");
	e->thread = m.thread;
	put_place(e, m.at);
	e->has_environment = m.has_environment;
	e->environment = m.environment;
	e->callers = texts_of(m.from);
	e->name = w->at[2];
	e->had_it = get(&p->now, e->name);
	drop(&p->now, e->name);
}

static void verb_clears(struct str who, const struct words *w)
{
	struct proc *p = find(who);
	struct manner m = manner(w, 2, &p->now);
	struct event *e = say(KT_CLEAR, p);

	e->fn = STR("clearenv");
	e->had = listed(&p->now);
	e->vars = p->now.n + p->now.others;
	p->now = (struct env){.n = 0};
	put_place(e, m.at);
	e->callers = texts_of(m.from);
}

static void verb_swaps(struct str who, const struct words *w)
{
	struct proc *p = find(who);
	struct env old = p->now;
	struct event *e = say(KT_SWAP, p);

	manner(w, 2, &p->now);
	e->lost = missing(&old, &p->now);
	e->env = missing(&p->now, &old);
	e->vars = p->now.n + p->now.others;
}

/* PID differs [CHANGE]...: of the language's own environment, beside libc's */
static void verb_differs(struct str who, const struct words *w)
{
	struct proc *p = find(who);
	struct env copy = p->now;
	struct event *e = say(KT_DIFFER, p);
	struct manner m = manner(w, 2, &copy);

	e->fn = m.fn.len ? m.fn : STR("os.environ");
	e->lost = missing(&p->now, &copy);
	e->env = missing(&copy, &p->now);
	e->dropped = e->lost.n;
	e->replaced = m.replaced;
	put_place(e, m.at);
}

static void verb_exits(struct str who, const struct words *w)
{
	struct event *e = say(KT_EXIT, find(who));

	struct manner m = manner(w, 3, &find(who)->now);

	e->fn = STR("exit");
	e->has_status = true;
	e->status = number(w->at[2]);
	e->by = m.by;
	e->thread = m.thread;
	put_place(e, m.at);
	e->in = m.in;
	e->callers = texts_of(m.from);
}

/* STATUS, or signal NUMBER */
static void ended(struct event *e, const struct words *w, size_t from)
{
	e->has_signal = is(w->at[from], "signal");
	e->has_status = !e->has_signal;
	if (e->has_signal)
		e->signal = number(w->at[from + 1]);
	else
		e->status = number(w->at[from]);
}

static void verb_waits(struct str who, const struct words *w)
{
	struct event *e = say(KT_WAIT, find(who));

	e->has_child = true;
	e->child = pid_of(w->at[2]);
	ended(e, w, 3);
}

static void verb_loses(struct str who, const struct words *w)
{
	say(KT_LOST, find(who))->n = (uint64_t)number(w->at[2]);
	trace.lost += (uint64_t)number(w->at[2]);
}

/* PID folds N KIND [NAME]: found reads, sets or unsets */
static void verb_folds(struct str who, const struct words *w)
{
	struct event *e = say(KT_FOLD, find(who));

	e->n = (uint64_t)number(w->at[2]);
	e->of = w->at[3];
	e->found = is(e->of, "read");
	if (w->n > 4)
		e->name = w->at[4];
}

static void verb_is_heard(struct str who, const struct words *w)
{
	(void)w;
	say(KT_HEARS, find(who));
}

static struct event *last_birth_of(const struct proc *p)
{
	for (size_t i = trace.n; i--;)
		if (events[i].kind == KT_BIRTH &&
		    str_eq(events[i].image, p->id))
			return &events[i];
	fail_msg("no birth");
	return NULL;
}

/* PID script-keeps NAME at=SITE [read=SITE] [returns=SITE] [spaced=SITE]
 * [local=SITE] [removed=SITE [called=SITE]]
 * [exported=SITE] */
static void verb_script_keeps(struct str who, const struct words *w)
{
	struct unexported_list *list = &last_birth_of(find(who))->unexported;
	struct unexported *u = TAKE(arena, struct unexported, 1);

	u->name = w->at[2];
	for (size_t i = 3; i < w->n; i++)
		if (begins(w->at[i], "at="))
			u->site = after(w->at[i], '=');
		else if (begins(w->at[i], "read="))
			u->read_at = after(w->at[i], '=');
		else if (begins(w->at[i], "local="))
			u->local_at = after(w->at[i], '=');
		else if (begins(w->at[i], "removed="))
			u->removed_at = after(w->at[i], '=');
		else if (begins(w->at[i], "exported="))
			u->exported_at = after(w->at[i], '=');
		else if (begins(w->at[i], "called="))
			u->removed_by = after(w->at[i], '=');
		else if (begins(w->at[i], "spaced="))
			u->spaced_at = after(w->at[i], '=');
		else
			u->returns_at = after(w->at[i], '=');
	*list = (struct unexported_list){u, 1};
}

static void put_name_at_site(struct strs *list, const struct words *w)
{
	struct str site = w->n > 3 ? after(w->at[3], '=') : STR("");

	*list = (struct strs){TAKE(arena, struct str, 1), 1};
	*list->at = arena_print(arena, "%.*s=%.*s", STR_FMT(w->at[2]),
				STR_FMT(site));
}

/* PID script-expands NAME [at=SITE] */
static void verb_script_expands(struct str who, const struct words *w)
{
	put_name_at_site(&last_birth_of(find(who))->expanded, w);
}

/* PID command-expands NAME at=SITE */
static void verb_command_expands(struct str who, const struct words *w)
{
	put_name_at_site(&last_birth_of(find(who))->tested, w);
}

/* --- requests ------------------------------------------------------------- */

static struct str request_word(const struct words *w, const char *name)
{
	for (size_t i = 4; i < w->n; i++)
		if (is(before(w->at[i], '='), name))
			return after(w->at[i], '=');
	return (struct str){NULL, 0};
}

/* SCHEME://HOST[:PORT]/PATH */
static void put_address(struct event *e, struct str url)
{
	struct str rest = after(after(url, '/'), '/');
	struct str host = before(rest, '/');

	e->tls = begins(url, "https:");
	e->host = before(host, ':');
	e->port = e->tls ? 443 : 80;
	if (after(host, ':').len)
		e->port = (uint64_t)number(after(host, ':'));
	e->path = (struct str){rest.at + host.len, rest.len - host.len};
}

/* As the recorder does: the name of the variable that holds the value. */
static struct sent_credential credential_of(const struct proc *p,
					    const struct words *w)
{
	struct sent_credential c = {
		.header = request_word(w, "header"),
		.scheme = request_word(w, "scheme"),
		.value = value_of(request_word(w, "with")),
		.name = request_word(w, "name"),
		.held = request_word(w, "held"),
	};

	if (!c.header.len && !c.scheme.len)
		c.scheme = STR("Bearer");
	if (!c.header.len)
		c.header = STR("authorization");
	if (str_eq(c.scheme, STR("none")))
		c.scheme.len = 0;
	for (size_t i = 0; i < p->now.n && !c.name.len; i++)
		if (str_eq(p->now.at[i].value.fp, c.value.fp)) {
			c.name = p->now.at[i].name;
			c.held = STR("now");
		}
	return c;
}

static void answer(const struct proc *p, uint64_t number_of_request,
		   struct str status, struct str code)
{
	struct event *e = say(KT_RESPONSE, p);

	e->request = number_of_request;
	e->status = number(status);
	e->has_status = true;
	e->code = code;
}

/* PID sends METHOD URL [with=VALUE [header=NAME] [scheme=WORD] [name=NAME
 * held=WHEN]] [local=ADDRESS peer=ADDRESS] [at=SITE] [from=SITE,...] [in=NAME]
 * [answer=STATUS [code=WORD]] */
static void verb_sends(struct str who, const struct words *w)
{
	struct proc *p = find(who);
	struct event *e = say(KT_REQUEST, p);

	e->number = ++p->n_requests;
	if (request_word(w, "thread").len)
		e->thread = (uint64_t)number(request_word(w, "thread"));
	e->incoming = is(w->at[1], "receives");
	e->method = w->at[2];
	put_address(e, w->at[3]);
	e->local = request_word(w, "local");
	e->peer = request_word(w, "peer");
	put_place(e, request_word(w, "at"));
	e->in = request_word(w, "in");
	e->callers = texts_of(request_word(w, "from"));
	e->fn = STR("send");
	if (request_word(w, "with").len) {
		e->credentials.at = TAKE(arena, struct sent_credential, 1);
		e->credentials.at[0] = credential_of(p, w);
		e->credentials.n = 1;
	}
	if (request_word(w, "answer").len) {
		now += 1000;
		answer(p, e->number, request_word(w, "answer"),
		       request_word(w, "code"));
		events[trace.n - 1].thread = e->thread;
	}
}

/* PID hides-requests WHAT */
static void verb_hides_requests(struct str who, const struct words *w)
{
	say(KT_UNSEEN, find(who))->what = w->at[2];
}

/* PID has-answer NUMBER STATUS [code=WORD]: to its request of that number */
static void verb_has_answer(struct str who, const struct words *w)
{
	answer(find(who), (uint64_t)number(w->at[2]), w->at[3],
	       request_word(w, "code"));
}

/* run PID COMMAND [TARGET] [watch=GLOB]... [http] */
static void verb_run(struct str who, const struct words *w)
{
	struct event *e = say(KT_RUN, NULL);
	struct manner m = {.n = 0};

	(void)who;
	e->pid = pid_of(w->at[1]);
	e->command = w->at[2];
	e->watch.at = TAKE(arena, struct str, w->n);
	for (size_t i = 3; i < w->n; i++)
		if (begins(w->at[i], "watch="))
			e->watch.at[e->watch.n++] = after(w->at[i], '=');
		else if (is(w->at[i], "http"))
			e->http = true;
		else if (!is_target(w->at[i], &m))
			FAIL("run: what is %.*s?\n", STR_FMT(w->at[i]));
	e->has_target = m.has_target;
	e->target = m.target;
}

static void verb_ran(struct str who, const struct words *w)
{
	struct event *e = say(KT_RAN, NULL);

	(void)who;
	e->pid = pid_of(w->at[1]);
	ended(e, w, 2);
}

/* asked PID SIGNAL */
static void verb_asked(struct str who, const struct words *w)
{
	struct event *e = say(KT_KILL, NULL);

	(void)who;
	e->fn = STR("run");
	e->to = pid_of(w->at[1]);
	e->signal = number(w->at[2]);
	e->has_signal = true;
}

/* later MILLISECONDS */
static void verb_later(struct str who, const struct words *w)
{
	(void)who;
	now += (uint64_t)number(w->at[1]) * 1000000;
}

static void verb_ignore(struct str who, const struct words *w)
{
	(void)who;
	question.ignored.at = TAKE(arena, struct str, 1);
	question.ignored.at[0] = w->at[1];
	question.ignored.n = 1;
}

static void verb_ask(struct str who, const struct words *w)
{
	(void)who;
	question.variables.at = TAKE(arena, struct str, 1);
	question.variables.at[0] = w->at[1];
	question.variables.n = 1;
}

/* judge all: every run */
static void verb_judge(struct str who, const struct words *w)
{
	(void)who;
	assert_true(is(w->at[1], "all"));
	question.run = RUN_ALL;
}

/* trace N: the following events are in another trace */
static void verb_trace(struct str who, const struct words *w)
{
	(void)who;
	source = (unsigned)number(w->at[1]);
}

static const struct verb {
	const char *word;
	size_t place, words; /* the verb's own place; least words of the line */
	void (*play)(struct str who, const struct words *);
} verbs[] = {
	{"born", 1, 3, verb_born},
	{"under", 1, 4, verb_under},
	{"forks", 1, 3, verb_forks},
	{"execs", 1, 3, verb_execs},
	{"is-forking", 1, 3, verb_is_forking},
	{"begins", 1, 2, verb_begins},
	{"fails-exec", 1, 3, verb_fails},
	{"vforks", 1, 4, verb_vforks},
	{"spawns", 1, 4, verb_spawns},
	{"systems", 1, 4, verb_systems},
	{"reads", 1, 3, verb_reads},
	{"sets", 1, 3, verb_sets},
	{"misses", 1, 3, verb_reads},
	{"differs", 1, 2, verb_differs},
	{"unsets", 1, 3, verb_unsets},
	{"clears", 1, 2, verb_clears},
	{"swaps", 1, 2, verb_swaps},
	{"exits", 1, 3, verb_exits},
	{"waits", 1, 4, verb_waits},
	{"loses", 1, 3, verb_loses},
	{"folds", 1, 4, verb_folds},
	{"run", 0, 3, verb_run},
	{"ran", 0, 3, verb_ran},
	{"asked", 0, 3, verb_asked},
	{"threads", 1, 3, verb_threads},
	{"ask", 0, 2, verb_ask},
	{"ignore", 0, 2, verb_ignore},
	{"later", 0, 2, verb_later},
	{"is-heard", 1, 2, verb_is_heard},
	{"script-keeps", 1, 4, verb_script_keeps},
	{"script-expands", 1, 3, verb_script_expands},
	{"command-expands", 1, 4, verb_command_expands},
	{"raises", 1, 3, verb_raises},
	{"kills", 1, 4, verb_kills},
	{"judge", 0, 2, verb_judge},
	{"trace", 0, 2, verb_trace},
	{"copies", 1, 2, verb_copies},
	{"sends", 1, 4, verb_sends},
	{"receives", 1, 4, verb_sends},
	{"has-answer", 1, 4, verb_has_answer},
	{"hides-requests", 1, 3, verb_hides_requests},
	{"opens", 1, 3, verb_opens},
	{"file", 0, 3, verb_file},
};

/* A line that ends in "quickly" happens at once. */
static void play(struct str line)
{
	struct words w = words_of(line);

	now += is(w.at[w.n - 1], "quickly") ? 1000 : 1000000;
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (w.n > verbs[i].place && w.n >= verbs[i].words &&
		    is(w.at[verbs[i].place], verbs[i].word)) {
			verbs[i].play(w.at[0], &w);
			return;
		}
	FAIL("cannot play: %.*s\n", STR_FMT(line));
}

/* --- expectations --------------------------------------------------------- */

static const char *const severities[] = {"note", "warning", "fault"};
static const char *const confidences[] = {"possible", "likely", "certain"};
static const char *const verdicts[] = {[INCONCLUSIVE] = "inconclusive",
				       [HEALTHY] = "healthy",
				       [EXONERATED] = "exonerated",
				       [WARNED] = "warning",
				       [FAULTY] = "fault"};
static const char *const states[] = {"unseen", "absent", "present", "changed"};

static void show(const struct report *r)
{
	fprintf(stderr, "verdict %s %.*s\nheadline \"%.*s\"\n",
		verdicts[r->verdict], STR_FMT(r->reason), STR_FMT(r->headline));
	for (size_t i = 0; i < r->n_findings; i++) {
		const struct finding *f = &r->findings[i];

		fprintf(stderr,
			"%s %s %.*s victim %llu culprit %llu by %.*s at %.*s "
			"count %llu %s\n\t%.*s\n\t%.*s\n\tfix: %.*s\n",
			severities[f->severity], f->code, STR_FMT(f->variable),
			f->victim ? (unsigned long long)f->victim->pid : 0,
			f->culprit ? (unsigned long long)f->culprit->pid : 0,
			STR_FMT(f->operation), STR_FMT(f->culprit_site),
			(unsigned long long)f->count,
			confidences[f->confidence], STR_FMT(f->summary),
			STR_FMT(f->detail), STR_FMT(f->fix));
	}
	for (size_t i = 0; i < r->n_gaps; i++)
		fprintf(stderr, "gap %llu %s\n",
			(unsigned long long)r->gaps[i].image->pid,
			gap_word(r->gaps[i].gap));
}

#define EXPECT(right, line)                                                    \
	do {                                                                   \
		if (right)                                                     \
			break;                                                 \
		show(report);                                                  \
		FAIL("not so: %.*s\n", STR_FMT(line));                         \
	} while (0)

static bool has_pid(const struct image *image, struct str label)
{
	const struct proc *thread = NULL;

	for (size_t i = 0; i < n_procs; i++)
		if (procs[i].is_thread && str_eq(procs[i].label, label))
			thread = &procs[i];
	if (thread)
		return image && str_eq(image->id, thread->id);
	return image && image->hop != HOP_THREAD && image->pid == pid_of(label);
}

static bool has_name(const struct strs *names, struct str name)
{
	for (size_t i = 0; i < names->n; i++)
		if (str_eq(names->at[i], name))
			return true;
	return false;
}

/* `detail` is one of finding's details, as "culprit" "7". */
static bool fits_detail(const struct finding *f, struct str detail,
			struct str is_what)
{
	if (is(detail, "victim"))
		return has_pid(f->victim, is_what);
	if (is(detail, "culprit"))
		return has_pid(f->culprit, is_what);
	if (is(detail, "running"))
		return f->culprit && str_eq(f->culprit->command, is_what);
	if (is(detail, "by"))
		return str_eq(f->operation, is_what);
	if (is(detail, "at"))
		return str_eq(f->culprit_site, is_what);
	if (is(detail, "count"))
		return f->count == (uint64_t)number(is_what);
	if (is(detail, "surely"))
		return is(is_what, confidences[f->confidence]);
	if (is(detail, "end"))
		return f->end && is(is_what, f->end);
	if (is(detail, "site"))
		return str_eq(f->victim_site, is_what);
	if (is(detail, "via"))
		return str_eq(f->victim_via, is_what);
	if (is(detail, "request"))
		return str_eq(f->request_site, is_what);
	if (is(detail, "others"))
		return has_name(&f->others, is_what);
	if (is(detail, "says"))
		return memmem(f->summary.at, f->summary.len, is_what.at,
			      is_what.len) ||
		       (f->detail.len && memmem(f->detail.at, f->detail.len,
						is_what.at, is_what.len));
	if (is(detail, "fix"))
		return memmem(f->fix.at, f->fix.len, is_what.at, is_what.len);
	FAIL("what is %.*s?\n", STR_FMT(detail));
	return false;
}

static bool fits(const struct finding *f, const struct words *w)
{
	if (!is(w->at[0], severities[f->severity]) || !is(w->at[1], f->code) ||
	    !str_eq(w->at[2], f->variable))
		return false;
	for (size_t i = 3; i + 1 < w->n; i += 2)
		if (!fits_detail(f, w->at[i], w->at[i + 1]))
			return false;
	return true;
}

/* A note on a name, or a finding which has the name among its others. */
static bool is_found(const struct report *r, const struct words *w)
{
	for (size_t i = 0; i < r->n_findings; i++)
		if (fits(&r->findings[i], w) ||
		    (is(w->at[1], r->findings[i].code) &&
		     has_name(&r->findings[i].others, w->at[2])))
			return true;
	return false;
}

static bool mentions(const struct report *r, struct str code)
{
	for (size_t i = 0; i < r->n_findings; i++)
		if (is(code, r->findings[i].code))
			return true;
	return false;
}

static bool has_gap(const struct report *r, const struct words *w)
{
	for (size_t i = 0; i < r->n_gaps; i++)
		if (has_pid(r->gaps[i].image, w->at[1]) &&
		    is(w->at[2], gap_word(r->gaps[i].gap)))
			return true;
	return false;
}

static bool fits_path(const struct finding *f, const struct words *w)
{
	if (f->n_path != (w->n - 1) / 2)
		return false;
	for (size_t i = 0; i < f->n_path; i++)
		if (!has_pid(f->path[i].image, w->at[1 + 2 * i]) ||
		    !is(w->at[2 + 2 * i], states[f->path[i].state]))
			return false;
	return true;
}

static bool fits_verdict(const struct report *r, const struct words *w)
{
	return is(w->at[1], verdicts[r->verdict]) &&
	       (w->n < 3 ||
		(r->reason.len && memmem(r->reason.at, r->reason.len,
					 w->at[2].at, w->at[2].len)));
}

/* One line of expectation. *told: faults and warnings expected so far; all
 * must be told, in order; notes may be. */
static void expect(const struct report *report, struct str line, size_t *told)
{
	struct words w = words_of(line);

	assert_true(w.n > 1);
	if (is(w.at[0], "verdict")) {
		EXPECT(fits_verdict(report, &w), line);
	} else if (is(w.at[0], "headline")) {
		EXPECT(str_eq(report->headline, w.at[1]), line);
	} else if (is(w.at[0], "starts")) {
		EXPECT(report->run.earlier_starts == (size_t)number(w.at[1]) &&
			       report->run.failed_starts ==
				       (size_t)number(w.at[2]),
		       line);
	} else if (is(w.at[0], "gap")) {
		EXPECT(has_gap(report, &w), line);
	} else if (is(w.at[0], "no-gap")) {
		EXPECT(!has_gap(report, &w), line);
	} else if (is(w.at[0], "no")) {
		EXPECT(!mentions(report, w.at[1]), line);
	} else if (is(w.at[0], "path")) {
		EXPECT(*told && fits_path(&report->findings[*told - 1], &w),
		       line);
	} else if (is(w.at[0], "note")) {
		EXPECT(is_found(report, &w), line);
	} else {
		EXPECT(*told < report->n_findings &&
			       fits(&report->findings[*told], &w),
		       line);
		++*told;
	}
}

/* --- cases ---------------------------------------------------------------- */

struct story {
	struct str lines, expected;
};

static struct str take_line(struct str *text)
{
	struct str line = before(*text, '\n');

	*text = after(*text, '\n');
	while (line.len &&
	       (line.at[line.len - 1] == ' ' || line.at[line.len - 1] == '\t'))
		line.len--;
	return line;
}

static bool is_blank(struct str line)
{
	return !line.len || line.at[0] == '#';
}

static void forget(void)
{
	arena = arena_new();
	trace = (struct trace){.events = events};
	n_procs = 0;
	now = 1000000000;
	question = (struct question){.run = RUN_NEWEST};
	source = 0;
}

static bool has(struct str text, const char *part)
{
	return text.len &&
	       memmem(text.at, text.len, part, strlen(part)) != NULL;
}

/* "app.py:3", a process with its pid, or a script. */
static bool names_place(struct str headline)
{
	for (size_t i = 1; i + 1 < headline.len; i++)
		if (headline.at[i] == ':' && headline.at[i + 1] >= '0' &&
		    headline.at[i + 1] <= '9')
			return true;
	return has(headline, "(pid ") || has(headline, ".sh ") ||
	       has(headline, ".sh: ");
}

static bool says_what_is_next(struct str headline)
{
	return has(headline, "keytrail ") || has(headline, "ask again") ||
	       has(headline, "try the value") || has(headline, "record again");
}

/* Whatever was found: the first line names a place to edit, or the next step.
 */
static bool is_good_headline(const struct report *r)
{
	if (r->headline.len < 20 || r->headline.len > 500)
		return false;
	if (r->verdict == FAULTY || r->verdict == WARNED)
		return names_place(r->headline);
	return r->verdict != INCONCLUSIVE || says_what_is_next(r->headline);
}

extern const struct format format_text;
static bool prints_reports; /* --tell: to read them all */

static void print_report(const struct report *report)
{
	struct out o = out_to(arena, 1);

	fflush(NULL);
	o.utf8 = true;
	format_text.write(&o, report);
	out_end(&o);
}

static void tell(void **state)
{
	const struct story *s = *state;
	struct str lines = s->lines, expected = s->expected;
	const struct report *report;
	long runs;
	size_t told = 0;

	forget();
	while (lines.len) {
		struct str line = take_line(&lines);

		if (!is_blank(line))
			play(line);
	}
	report = diagnose(arena, &trace, &question, &runs);
	if (prints_reports)
		print_report(report);
	while (expected.len) {
		struct str line = take_line(&expected);

		if (!is_blank(line))
			expect(report, line, &told);
	}
	EXPECT(is_good_headline(report),
	       STR("the first line names a place, or says what is next"));
	EXPECT(told == report->n_findings ||
		       report->findings[told].severity == NOTE,
	       STR("there is more than was expected"));
	arena_free(arena);
}

static struct arena *shelf; /* keeps the stories themselves */
static struct CMUnitTest tests[MOST_TESTS];
static size_t n_tests;

static void add(const char *file, struct str title, struct str lines,
		struct str expected)
{
	struct story *s = TAKE(shelf, struct story, 1);
	struct str name = arena_print(shelf, "%s: %.*s", strrchr(file, '/') + 1,
				      STR_FMT(title));

	*s = (struct story){lines, expected};
	if (n_tests == MOST_TESTS) {
		fprintf(stderr, "rules_cases: more than %d cases\n",
			MOST_TESTS);
		exit(1);
	}
	tests[n_tests++] = (struct CMUnitTest){name.at, tell, NULL, NULL, s};
}

/* A story begins with a line "# TITLE" and ends where the next begins, after
 * its "---". */
static void cut(const char *file, struct str text)
{
	struct str title = {NULL, 0}, lines = {NULL, 0}, expected = {NULL, 0};

	while (text.len) {
		struct str rest = text, line = take_line(&rest);

		if (line.len > 2 && line.at[0] == '#' &&
		    (expected.at || !title.at)) {
			if (title.at)
				add(file, title, lines, expected);
			title = (struct str){line.at + 2, line.len - 2};
			lines = (struct str){line.at, 0};
			expected = (struct str){NULL, 0};
		}
		if (is(line, "---"))
			expected = (struct str){rest.at, 0};
		else if (expected.at)
			expected.len =
				(size_t)(line.at + line.len - expected.at);
		else if (title.at)
			lines.len = (size_t)(line.at + line.len - lines.at);
		text = rest;
	}
	if (title.at)
		add(file, title, lines, expected);
}

static struct str whole(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;
	ssize_t len = f ? getdelim(&text, &room, '\0', f) : -1;
	struct str kept = {NULL, 0};

	if (len > 0)
		kept = arena_print(shelf, "%s", text);
	free(text);
	if (f)
		fclose(f);
	return kept;
}

int main(int argc, char **argv)
{
	glob_t files;
	int failed;

	prints_reports = argc > 1 && !strcmp(argv[1], "--tell");
	argv += prints_reports;
	argc -= prints_reports;
	if (glob(argc > 1 ? argv[1] : "tests/rules/*.case", 0, NULL, &files)) {
		fprintf(stderr, "rules_cases: no case; run it from the root\n");
		return 1;
	}
	shelf = arena_new();
	for (size_t i = 0; i < files.gl_pathc; i++)
		cut(files.gl_pathv[i], whole(files.gl_pathv[i]));
	globfree(&files);
	failed = _cmocka_run_group_tests("rules", tests, n_tests, NULL, NULL);
	arena_free(shelf);
	return failed;
}
