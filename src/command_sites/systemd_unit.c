/* Units of systemd: the Exec line of the service in whose control group a root
 * is. */
#include "command_sites/lookup.h"

#include "command_sites/ini_file.h"

static struct command_list parse_unit(struct arena *a, struct str text)
{
	struct command_list list = {.arena = a};
	struct settings_reader r = {.rest = text, .continued = '\\'};
	struct setting s;

	while (next_setting(a, &r, &s)) {
		if (s.key.len < 4 || memcmp(s.key.at, "Exec", 4))
			continue;
		while (s.value.len && strchr("@-:+!", *s.value.at))
			s.value = from(s.value, 1);
		add_command(&list, s.value, '%', s.line);
	}
	return list;
}

static bool is_service(struct str unit)
{
	const struct str end = STR(".service");

	return unit.len > end.len &&
	       !memcmp(unit.at + unit.len - end.len, end.at, end.len) &&
	       !memmem(unit.at, unit.len, "***", 3) &&
	       memcmp(unit.at, "user@", 5);
}

/* web@1.service is made of web@.service. */
static struct str template_of(struct arena *a, struct str unit)
{
	const char *at = memchr(unit.at, '@', unit.len);

	return at ? arena_print(a, "%.*s@.service", (int)(at - unit.at),
				unit.at)
		  : unit;
}

/* A file of an earlier directory hides those of later ones; what is in NAME.d
 * counts in each. */
static void search_unit(struct list_search *s, struct str name)
{
	static const char *const directories[] = {
		"/etc/systemd/system", "/run/systemd/system",
		"/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
		"/lib/systemd/system"};
	struct arena *a = s->files->arena;
	bool is_found = false;

	for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
		struct str path = arena_print(a, "%s/%.*s", directories[i],
					      STR_FMT(name));

		if (!is_found && is_written_there(path)) {
			search_list(s, path);
			is_found = true;
		}
		search_pattern(s,
			       arena_print(a, "%.*s.d/*.conf", STR_FMT(path)));
	}
}

struct str find_in_unit(struct written_files *files, const struct launched *l)
{
	struct str cgroup = l->image->birth->cgroup, unit = str_base(cgroup);
	struct list_search s = {.files = files,
				.launched = l,
				.parse = parse_unit,
				.reader = l->image,
				.directory = STR("/")};

	if (!is_service(unit) || cgroup.len < 7 ||
	    memcmp(cgroup.at, "/system", 7) || l->image->birth->tty.len)
		return (struct str){NULL, 0};
	search_unit(&s, template_of(files->arena, unit));
	return found_site(&s);
}
