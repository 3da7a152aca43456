/* Lines of crontabs: a root `sh -c TEXT` in the control group of cron. */
#include "command_sites/lookup.h"

#include <pwd.h>

#include "command_sites/partial_text.h"

/* Behind the times, and the user's name where the file has one. */
static struct str command_of(struct str line, bool names_user)
{
	size_t words = (*line.at == '@' ? 1 : 5) + names_user;
	struct str word;

	while (words-- && next_word(&line, &word))
		;
	return trim(line);
}

static bool is_setting(struct str line)
{
	struct str word;

	return next_word(&line, &word) &&
	       (memchr(word.at, '=', word.len) ||
		(trim(line).len && *trim(line).at == '='));
}

/* Behind `%` stands the standard input. */
static struct str without_input(struct arena *a, struct str command)
{
	char *to = TAKE(a, char, command.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < command.len && command.at[i] != '%'; i++) {
		if (command.at[i] == '\\' && i + 1 < command.len &&
		    command.at[i + 1] == '%')
			i++;
		to[n++] = command.at[i];
	}
	return (struct str){to, n};
}

static struct command_list parse(struct arena *a, struct str text,
				 bool names_user)
{
	struct command_list list = {.arena = a};
	unsigned long number = 0;
	struct str line;

	while (next_line(&text, &line)) {
		number++;
		line = trim(line);
		if (!line.len || *line.at == '#' || is_setting(line))
			continue;
		*ARRAY_ADD(a, list.at, list.n,
			   list.room) = (struct written_command){
			.text = without_input(a, command_of(line, names_user)),
			.line = number};
	}
	return list;
}

static struct command_list parse_of_user(struct arena *a, struct str text)
{
	return parse(a, text, false);
}

static struct command_list parse_of_system(struct arena *a, struct str text)
{
	return parse(a, text, true);
}

static void search_tables_of_user(struct list_search *s, uint64_t uid)
{
	static const char *const directories[] = {"/var/spool/cron/crontabs",
						  "/var/spool/cron"};
	const struct passwd *user = getpwuid((uid_t)uid);

	for (size_t i = 0; user && i < 2; i++) {
		struct str path = arena_print(s->files->arena, "%s/%s",
					      directories[i], user->pw_name);

		if (is_written_there(path))
			search_list(s, path);
	}
	s->is_uncertain |= !user;
}

struct str find_in_crontabs(struct written_files *files,
			    const struct launched *l)
{
	struct list_search s = {.files = files,
				.launched = l,
				.reader = l->image,
				.directory = STR("/")};

	if (!l->text.len ||
	    !str_is_listed(str_base(l->image->birth->cgroup),
			   "cron.service crond.service cronie.service"))
		return (struct str){NULL, 0};
	s.parse = parse_of_user;
	search_tables_of_user(&s, l->image->birth->uid);
	s.parse = parse_of_system;
	if (is_written_there(STR("/etc/crontab")))
		search_list(&s, STR("/etc/crontab"));
	search_pattern(&s, STR("/etc/cron.d/*"));
	return found_site(&s);
}
