#include "command_sites/servers/server_settings.h"

#include <strings.h>

#include "base/pattern.h"
#include "command_sites/program_options.h"
#include "command_sites/servers/server.h"
#include "base/hashmap.h"
#include "model/place.h"

/* A server: options for the configuration and for the directory in which a
 * relative path lies, and where the configuration lies without options. */
static const struct server {
	const char *programs;
	char letter;
	const char *option;
	char directory; /* '\0': the working directory */
	const char *defaults;
	void (*find)(const struct server_search *, struct server_setting *);
} servers[] = {
	{"php-fpm*", 'y', "--fpm-config", '\0',
	 "/etc/php-fpm.conf /usr/local/etc/php-fpm.conf", find_in_php_fpm},
	{"nginx openresty", 'c', "", 'p',
	 "/etc/nginx/nginx.conf /usr/local/nginx/conf/nginx.conf "
	 "/usr/local/openresty/nginx/conf/nginx.conf",
	 find_in_nginx},
	{"apache2 httpd", 'f', "", 'd',
	 "/etc/apache2/apache2.conf /etc/httpd/conf/httpd.conf "
	 "/usr/local/apache2/conf/httpd.conf",
	 find_in_apache},
};

static const struct server *server_of(const struct image *program)
{
	for (size_t i = 0; i < sizeof servers / sizeof *servers; i++)
		if (str_matches_any(str_base(program->exe),
				    servers[i].programs))
			return &servers[i];
	return NULL;
}

static bool is_equal_ignoring_case(struct str a, struct str b)
{
	return a.len == b.len && !strncasecmp(a.at, b.at, a.len);
}

/* --- the configuration ---------------------------------------------------- */

/* Debian's php-fpm8.2 reads /etc/php/8.2/fpm/php-fpm.conf. */
static struct str versioned_default(struct arena *a, struct str exe)
{
	const struct str debian = STR("/usr/sbin/php-fpm");

	if (exe.len <= debian.len || memcmp(exe.at, debian.at, debian.len) != 0)
		return (struct str){NULL, 0};
	return path_below(a, STR("/"),
			  arena_print(a, "/etc/php/%.*s/fpm/php-fpm.conf",
				      STR_FMT(from(exe, debian.len))));
}

/* The only default that is there. */
static struct str default_path(struct arena *a, const struct server *server,
			       const struct image *program)
{
	struct str found = versioned_default(a, program->exe);

	return found.len
		       ? found
		       : find_only_file(a, STR("/"), str_of(server->defaults));
}

static struct str path_of_option(struct arena *a, const struct server *server,
				 const struct image *program, struct str file)
{
	struct str directory = program->cwd;

	if (server->directory)
		directory = path_below(
			a, program->cwd,
			value_of_option(program, server->directory, ""));
	while (directory.len > 1 && directory.at[directory.len - 1] == '/')
		directory.len--;
	return path_below(a, directory, file);
}

static struct str path_of(struct arena *a, const struct server *server,
			  const struct image *program)
{
	struct str file =
		value_of_option(program, server->letter, server->option);

	if (file.len)
		return path_of_option(a, server, program, file);
	return server->directory &&
			       value_of_option(program, server->directory, "")
				       .len
		       ? (struct str){NULL, 0}
		       : default_path(a, server, program);
}

static const struct server_setting *setting_of(struct written_files *files,
					       const struct image *program)
{
	void **slot = hashmap_slot(files->settings, program, STR(""));
	const struct server *server = server_of(program);
	struct server_search s = {.files = files, .server = program};
	struct server_setting *setting = *slot;

	if (setting)
		return setting;
	*slot = setting = TAKE(files->arena, struct server_setting, 1);
	if (!program->observed || program->owner || !has_all_options(program))
		return setting;
	s.path = path_of(files->arena, server, program);
	if (s.path.len)
		server->find(&s, setting);
	return setting;
}

/* --- events --------------------------------------------------------------- */

/* A name that the configuration passes was lost elsewhere. */
static bool passes_lost(const struct server_setting *setting,
			const struct event *e)
{
	for (size_t i = 0; i < setting->passes.n; i++)
		if (find_value(&e->lost, setting->passes.at[i]))
			return true;
	return false;
}

static void tell(struct written_files *files, const struct image *program,
		 struct event *e)
{
	const struct server_setting *setting = setting_of(files, program);

	if (e->command_site.len || own_line_of(e).len ||
	    passes_lost(setting, e))
		return;
	e->command_site = setting->site;
	e->command_site_is_new = e->command_site.len;
}

static bool changes_environment(const struct event *e)
{
	return e->kind == KT_CLEAR || (e->kind == KT_SWAP && e->lost.n);
}

/* True when the server's environment had become another before it started the
 * image. */
static bool was_changed(const struct image *image)
{
	const struct image *by = image->parent,
			   *program = by ? model_program(by) : NULL;

	for (; by; by = by->parent) {
		for (size_t i = 0; i < by->n_events; i++)
			if (changes_environment(by->events[i]))
				return true;
		if (by == program)
			break;
	}
	return false;
}

static void tell_launch(struct written_files *files, const struct image *image)
{
	struct event *e = model_event_to_write(image->handover);
	const struct image *by =
		image->parent ? model_program(image->parent) : NULL;

	if (e && by && server_of(by) && (e->lost.n || was_changed(image)))
		tell(files, by, e);
}

static void tell_changes(struct written_files *files, const struct image *image)
{
	const struct image *program = model_program(image);

	if (!server_of(program))
		return;
	for (size_t i = 0; i < image->n_events; i++)
		if (changes_environment(image->events[i]))
			tell(files, program,
			     model_event_to_write(image->events[i]));
}

/* True when the image received the header with a credential. */
static bool received(const struct image *image, struct str header)
{
	for (size_t i = 0; i < image->n_events; i++) {
		const struct event *e = image->events[i];

		for (size_t k = 0; e->incoming && k < e->credentials.n; k++)
			if (is_equal_ignoring_case(e->credentials.at[k].header,
						   header))
				return true;
	}
	return false;
}

/* The only line that takes such a header away. */
static struct str line_of_dropped(const struct server_setting *setting,
				  const struct image *image)
{
	struct str site = {NULL, 0};

	for (size_t i = 0; i < setting->dropped.n; i++) {
		if (!received(image, setting->dropped.at[i].name))
			continue;
		if (site.len)
			return (struct str){NULL, 0};
		site = setting->dropped.at[i].site;
	}
	return site;
}

static void tell_requests(struct written_files *files,
			  const struct image *image)
{
	const struct image *program = model_program(image);
	struct str site = {NULL, 0};

	if (!server_of(program))
		return;
	site = line_of_dropped(setting_of(files, program), image);
	for (size_t i = 0; site.len && i < image->n_events; i++) {
		struct event *e = model_event_to_write(image->events[i]);

		if (e->kind != KT_REQUEST || e->incoming || e->credentials.n ||
		    e->command_site.len)
			continue;
		e->command_site = site;
		e->command_site_is_new = true;
	}
}

void find_server_settings(struct written_files *files,
			  const struct image *image)
{
	tell_launch(files, image);
	tell_changes(files, image);
	tell_requests(files, image);
}
