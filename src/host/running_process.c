#include "host/running_process.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int running_process_open(pid_t pid, const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	return open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

static FILE *open_text(pid_t pid, const char *name)
{
	int fd = running_process_open(pid, name, O_RDONLY);

	return fd < 0 ? NULL : fdopen(fd, "r");
}

/* ESRCH: a process that has ended, or a thread of the kernel, has no memory. */
static enum look look_of_errno(void)
{
	return errno == ESRCH	 ? LOOK_ALLOWED
	       : errno == ENOENT ? LOOK_GONE
				 : LOOK_FORBIDDEN;
}

/* --- stat and status ------------------------------------------------------ */

/* The name of the program, in parentheses, may hold anything: the last
 * parenthesis ends it. */
static bool read_stat(struct running_process *p)
{
	FILE *f = open_text(p->pid, "stat");
	unsigned long long ticks = 0;
	char text[1024] = "", *at;
	int parent = 0;

	if (!f)
		return false;
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
	at = strrchr(text, ')');
	if (!at || sscanf(at,
			  ") %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u "
			  "%*u %*d %*d %*d %*d %*d %*d %llu",
			  &p->state, &parent, &ticks) != 3)
		return false;
	p->parent = parent;
	p->start =
		ticks * (UINT64_C(1000000000) / (uint64_t)sysconf(_SC_CLK_TCK));
	return true;
}

static void read_groups(struct running_process *p, const char *list)
{
	char *end;

	for (; p->n_groups < RUNNING_GROUPS; list = end) {
		unsigned long group = strtoul(list, &end, 10);

		if (end == list)
			return;
		p->groups[p->n_groups++] = (gid_t)group;
	}
}

/* The last number of the line. */
static pid_t last_of(const char *numbers)
{
	const char *last = strrchr(numbers, '\t');

	return (pid_t)strtol(last ? last : numbers, NULL, 10);
}

static void read_status_line(struct running_process *p, char *line)
{
	char *value = strchr(line, ':');

	if (!value)
		return;
	*value++ = '\0';
	value[strcspn(value, "\n")] = '\0';
	if (!strcmp(line, "Name"))
		snprintf(p->name, sizeof p->name, "%s",
			 value + strspn(value, "\t"));
	else if (!strcmp(line, "Tgid"))
		p->leader = (pid_t)strtol(value, NULL, 10);
	else if (!strcmp(line, "NSpid"))
		p->own_pid = last_of(value);
	else if (!strcmp(line, "Uid"))
		sscanf(value, "%*u %u", &p->uid);
	else if (!strcmp(line, "Gid"))
		sscanf(value, "%*u %u", &p->gid);
	else if (!strcmp(line, "Groups"))
		read_groups(p, value);
}

static bool read_status(struct running_process *p)
{
	FILE *f = open_text(p->pid, "status");
	char *line = NULL;
	size_t room = 0;

	if (!f)
		return false;
	p->own_pid = p->leader = p->pid;
	while (getline(&line, &room, f) > 0)
		read_status_line(p, line);
	free(line);
	fclose(f);
	return true;
}

/* --- two variables -------------------------------------------------------- */

/* Walks through entries that end with a null byte, as they are read in parts.
 */
struct search {
	const char *name; /* with the "=" */
	size_t matched;	  /* bytes of `name` at the beginning of an entry */
	bool is_other;	  /* the entry is another variable's */
	char *to;
	size_t length;
	bool is_found;
};

enum { VALUE_BYTES = 16384 };

static void take(struct search *s, char c)
{
	bool is_value = !s->name[s->matched] && !s->is_other;

	if (s->is_found)
		return;
	if (!c) {
		s->is_found = is_value;
		s->matched = 0;
		s->is_other = false;
	} else if (is_value && s->length < VALUE_BYTES - 1) {
		s->to[s->length++] = c;
	} else if (!is_value && !s->is_other && c == s->name[s->matched]) {
		s->matched++;
	} else if (!is_value) {
		s->is_other = true;
	}
}

static struct search search_for(struct arena *a, const char *name)
{
	return (struct search){.name = name, .to = TAKE(a, char, VALUE_BYTES)};
}

static enum look read_environment(struct arena *a, struct running_process *p)
{
	struct search preload = search_for(a, "LD_PRELOAD="),
		      settings = search_for(a, "KEYTRAIL=");
	int fd = running_process_open(p->pid, "environ", O_RDONLY);
	char part[4096];
	ssize_t n;

	if (fd < 0)
		return look_of_errno();
	while ((n = read(fd, part, sizeof part)) > 0)
		for (ssize_t i = 0; i < n; i++) {
			take(&preload, part[i]);
			take(&settings, part[i]);
		}
	explicit_bzero(part, sizeof part); /* variables that are not ours */
	close(fd);
	p->preload = preload.is_found ? preload.to : NULL;
	p->settings = settings.is_found ? settings.to : NULL;
	return LOOK_ALLOWED;
}

static const char *read_exe(struct arena *a, pid_t pid)
{
	char *to = TAKE(a, char, PATH_MAX);
	char link[64];
	ssize_t n;

	snprintf(link, sizeof link, "/proc/%d/exe", (int)pid);
	n = readlink(link, to, PATH_MAX - 1);
	to[n > 0 ? n : 0] = '\0';
	return to;
}

bool running_process_name(pid_t pid, struct running_process *p)
{
	*p = (struct running_process){.pid = pid};
	return read_stat(p) && read_status(p);
}

enum look running_process_environment(struct arena *a, pid_t pid,
				      struct running_process *p)
{
	if (!running_process_name(pid, p))
		return LOOK_GONE;
	p->exe = read_exe(a, pid);
	return read_environment(a, p);
}

/* --- memory --------------------------------------------------------------- */

/* UID-BOOT-PART.jsonl: see docs/trace-format.md. */
static bool is_segment_name(struct str name)
{
	size_t uid = name.len ? strspn(name.at, "0123456789") : 0;
	const char *at = name.at + uid;
	const char *hex = "0123456789abcdef";

	return uid && *at == '-' && strspn(at + 1, hex) == 8 && at[9] == '-' &&
	       strspn(at + 10, hex) == 16 && !strcmp(at + 26, ".jsonl");
}

/* Cuts " (deleted)" off. */
static bool take_off_removed(char *path)
{
	static const char mark[] = " (deleted)";
	size_t n = strlen(path), m = sizeof mark - 1;

	if (n < m || strcmp(path + n - m, mark))
		return false;
	path[n - m] = '\0';
	return true;
}

static void read_mapping(struct arena *a, struct running_process *p, char *line)
{
	unsigned long long inode = 0;
	char rights[5] = "", *path;
	bool is_removed;
	int at = 0;

	sscanf(line, "%*s %4s %*s %*s %llu %n", rights, &inode, &at);
	path = line + at;
	if (!inode || *path != '/')
		return;
	path[strcspn(path, "\n")] = '\0';
	is_removed = take_off_removed(path);
	if (!p->library &&
	    str_eq(str_base(str_of(path)), STR("libkeytrail.so")))
		p->library = arena_print(a, "%s", path).at;
	if (rights[3] != 's' || !is_segment_name(str_base(str_of(path))))
		return;
	p->segment = arena_print(a, "%s", path).at;
	p->segment_inode = inode;
	p->segment_is_removed = is_removed;
}

static enum look read_maps(struct arena *a, struct running_process *p)
{
	FILE *f = open_text(p->pid, "maps");
	char *line = NULL;
	size_t room = 0;

	if (!f)
		return look_of_errno();
	while (getline(&line, &room, f) > 0)
		read_mapping(a, p, line);
	free(line);
	fclose(f);
	return LOOK_ALLOWED;
}

static void read_auxv(struct running_process *p)
{
	int fd = running_process_open(p->pid, "auxv", O_RDONLY);
	Elf64_auxv_t aux;

	while (fd >= 0 && read(fd, &aux, sizeof aux) == sizeof aux)
		if (aux.a_type == AT_SECURE)
			p->is_secure = aux.a_un.a_val;
	if (fd >= 0)
		close(fd);
}

enum look running_process_look(struct arena *a, pid_t pid,
			       struct running_process *p)
{
	enum look look = running_process_environment(a, pid, p);

	if (look == LOOK_ALLOWED)
		look = read_maps(a, p);
	if (look == LOOK_ALLOWED)
		read_auxv(p);
	return look;
}
