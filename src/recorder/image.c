#include "recorder/image.h"

#include "recorder/exe.h"
#include "recorder/loaded.h"
#include "recorder/mask.h"
#include "recorder/recorder.h"
#include "recorder/sys.h"
#include "recorder/text.h"
#include "recorder/worker.h"

static void name_self(uint64_t t)
{
	size_t n = text_decimal(guest->self, (uint64_t)guest->life.pid);

	guest->self[n] = '.';
	text_decimal(guest->self + n + 1, t);
}

static void put_cwd(struct line *l)
{
	char cwd[PATH_BYTES / 2];
	long n = SYS(getcwd, cwd, sizeof cwd);

	if (n > 0)
		mask_known(l, "cwd", cwd);
}

static void put_user(struct line *l)
{
	uint32_t uid = (uint32_t)SYS(getuid), euid = (uint32_t)SYS(geteuid);

	guest->euid = euid;
	line_number(l, "uid", uid);
	if (euid != uid)
		line_number(l, "euid", euid);
}

static void put_patterns(struct line *l)
{
	const char *p = guest->config.patterns;

	if (!*p)
		return;
	line_array(l, "watch");
	for (; *p && l->length < LINE_BYTES / 2; p += text_length(p) + 1) {
		line_item(l);
		line_part_name(l, p, text_length(p));
		line_item_end(l);
	}
	line_array_end(l);
}

/* Formats the arguments once: a process may overwrite its argv later, and a
 * forked image is of the same command. */
static __attribute__((noinline)) void keep_args(char *const *argv, char **envp)
{
	struct line l;
	size_t from, n;

	line_begin(&l, KT_BIRTH, 0);
	from = l.length + 1u; /* the comma */
	mask_args(&l, argv, envp, loaded_exec_name());
	n = l.length - from;
	__builtin_memcpy(guest->args, l.at + from, n);
	guest->args[n] = '\0';
}

static __attribute__((noinline)) void tell_birth(uint64_t t, const char *by)
{
	bool is_clone = *by == 'c';
	struct line l;

	line_begin(&l, KT_BIRTH, t);
	line_number(&l, "v", KT_TRACE_VERSION);
	line_text(&l, "by", by);
	line_number(&l, "pid", (uint64_t)guest->life.pid);
	line_number(&l, "ppid", (uint64_t)SYS(getppid));
	if (guest->parent[0])
		line_text(&l, "parent", guest->parent);
	mask_known(&l, "exe", guest->exe);
	guest->hides_exe = mask_hides(guest->exe);
	if (loaded_program_is_go())
		line_text(&l, "lang", "go");
	line_text(&l, "boot", guest->config.boot);
	line_text(&l, "key", guest->config.key_id);
	line_number(&l, "wall", wall_ms());
	put_user(&l);
	put_patterns(&l);
	put_cwd(&l);
	if (guest->args[0])
		line_fields(&l, guest->args);
	line_number(&l, "vars",
		    is_clone ? held_count(environ) : guest->held.born_with);
	if (is_clone)
		held_list_now(&l, "env"); /* environ may have changed since */
	else
		held_list_env(&l, "env", environ);
	line_end(&l);
}

static uint64_t become(void)
{
	uint64_t t = now();

	guest->life.pid = (int32_t)SYS(getpid);
	thread = (struct thread){.inside = thread.inside, .number = 1, .born = t};
	atomic_store(&guest->life.threads, 1);
	name_self(t);
	return t;
}

static void remember_parent(void)
{
	const char *thread_image = worker_forked_by();

	guest->parent[0] = '\0';
	text_append(guest->parent, sizeof guest->parent,
		    thread_image ? thread_image : guest->self);
}

void image_begin(char *const *argv, char **envp)
{
	uint64_t t = become();

	exe_find(guest->exe, sizeof guest->exe, argv);
	held_begin(envp);
	keep_args(argv, envp);
	tell_birth(t, "exec");
	atomic_store(&guest->life.born, t);
}

void image_forked(void)
{
	uint64_t t;

	if (atomic_load(&guest->life.born))
		return;
	remember_parent();
	t = become();
	held_begin(environ);
	tell_birth(t, "fork");
	atomic_store(&guest->life.born, t);
}

bool image_cloned(void)
{
	uint64_t t;

	if (atomic_exchange(&guest->life.being_born, 1))
		return false;
	remember_parent();
	t = become();
	tell_birth(t, "clone");
	atomic_store(&guest->life.born, t);
	held_check();
	return true;
}
