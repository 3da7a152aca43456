#include "formats/trace_owners.h"

enum { MOST_USERS = 12, MOST_UNREAD = 12 };

static struct user_files *user_of(struct user_files *all, size_t *n,
				  const struct trace_file *f)
{
	for (size_t i = 0; i < *n; i++)
		if (all[i].uid == f->uid &&
		    all[i].is_stranger == f->has_stranger)
			return &all[i];
	all[*n].uid = f->uid;
	all[*n].is_stranger = f->has_stranger;
	return &all[(*n)++];
}

static void tell_stranger(const struct trace *t, struct user_files *u)
{
	u->lines = 0;
	for (unsigned i = 1; i < t->n_owners; i++)
		if (t->owners[i].uid == u->uid) {
			u->lines = t->owners[i].lines;
			u->unbelieved = t->owners[i].unbelieved;
		}
}

/* A crowd of made-up users is told up to a number. */
const struct user_files *files_by_user(struct arena *a, const struct trace *t,
				       size_t *ret_n)
{
	enum { MOST = 512 };
	struct user_files *all = TAKE(a, struct user_files, MOST);
	size_t n = 0;

	for (size_t i = 0; i < t->n_files && n < MOST; i++) {
		struct user_files *u = user_of(all, &n, &t->files[i]);

		u->files++;
		u->lines += t->files[i].lines;
	}
	for (size_t i = 0; i < n; i++)
		if (all[i].is_stranger)
			tell_stranger(t, &all[i]);
	*ret_n = n;
	return all;
}

static struct str counted(struct arena *a, uint64_t n, const char *thing)
{
	return arena_print(a, "%llu %s%s", (unsigned long long)n, thing,
			   n == 1 ? "" : "s");
}

static struct str user_in_words(struct arena *a, const struct user_files *u)
{
	struct str not_believed = STR("");

	if (u->unbelieved)
		not_believed = arena_print(
			a, "; %.*s about other users' processes not believed",
			STR_FMT(counted(a, u->unbelieved, "line")));
	return arena_print(a, "%.*s of user %llu, with %.*s%s%.*s",
			   STR_FMT(counted(a, u->files, "file")),
			   (unsigned long long)u->uid,
			   STR_FMT(counted(a, u->lines, "line")),
			   u->is_stranger ? " about that user's processes" : "",
			   STR_FMT(not_believed));
}

static struct str unread_in_words(struct arena *a, const struct trace_file *f)
{
	return arena_print(a, "%.*s of user %llu %s", STR_FMT(f->name),
			   (unsigned long long)f->uid, f->unread);
}

bool files_are_mixed(const struct trace *t)
{
	for (size_t i = 0; i < t->n_files; i++)
		if (t->files[i].unread)
			return true;
	return t->n_owners > 1;
}

static void say(struct strs *s, size_t most, struct str words,
		const char *and_more)
{
	if (s->n < most)
		s->at[s->n++] = words;
	else if (s->n == most)
		s->at[s->n++] = str_of(and_more);
}

static void say_users(struct arena *a, const struct trace *t, struct strs *to)
{
	size_t n;
	const struct user_files *u = files_by_user(a, t, &n);

	if (t->n_owners < 2)
		return;
	for (size_t i = 0; i < n; i++)
		say(to, MOST_USERS, user_in_words(a, &u[i]),
		    "and of other users: the JSON report names them all");
	if (!n && t->unbelieved)
		say(to, MOST_USERS,
		    arena_print(a,
				"%.*s about other users' processes not "
				"believed",
				STR_FMT(counted(a, t->unbelieved, "line"))),
		    "");
}

struct strs files_in_words(struct arena *a, const struct trace *t)
{
	struct strs s = {TAKE(a, struct str, MOST_USERS + MOST_UNREAD + 2), 0};
	size_t users;

	say_users(a, t, &s);
	users = s.n;
	for (size_t i = 0; i < t->n_files; i++)
		if (t->files[i].unread && s.n <= users + MOST_UNREAD)
			say(&s, users + MOST_UNREAD,
			    unread_in_words(a, &t->files[i]),
			    "and others: the JSON report names more");
	return s;
}
