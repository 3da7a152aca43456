/* Who asks for a variable: the innermost frame of the language which is not a
 * transparent reader. */
#include "diagnosis/evaluation.h"

#include "base/path.h"
#include "model/place.h"
#include "runtimes/runtime.h"
#include "shared/source_owner.h"
#include "trace/caller.h"
#include "trace/site.h"

/* A file of a directory of tools is the program's own when it lies below the
 * working directory. */
static enum source_owner_kind
owner_of(const struct image *image, struct source_owner file, struct str path)
{
	if (file.owner == SOURCE_TOOL && path_is_below(path, image->cwd))
		return SOURCE_OWN;
	return file.owner;
}

/* --- frames of the language ---------------------------------------------- */

/* Python: code that a library generated, such as the functions of dataclasses
 * and of attrs. <string> is also the text of -c. */
static bool is_generated(const struct image *image, struct str file)
{
	const struct strs *args = model_arguments(image);
	const struct str attrs = STR("<attrs generated");

	if (file.len > attrs.len && !memcmp(file.at, attrs.at, attrs.len))
		return true;
	if (!str_eq(file, STR("<string>")))
		return false;
	for (size_t i = 1;
	     i < args->n && args->at[i].len && args->at[i].at[0] == '-'; i++)
		if (args->at[i].at[args->at[i].len - 1] == 'c')
			return false;
	return true;
}

static enum source_owner_kind owner_of_frame(const struct image *image,
					     const struct event *e,
					     struct caller f,
					     struct source_owner *ret)
{
	struct str file = site_file(f.site);

	*ret = find_source_owner(file.at, file.len);
	if (ret->owner == SOURCE_OWN && is_entry_script(e, file))
		return SOURCE_TOOL;
	if (is_generated(image, file))
		return SOURCE_RUNTIME;
	return owner_of(image, *ret, file);
}

static struct str user_site(const struct image *image, const struct event *e,
			    size_t from)
{
	for (size_t i = from; i < count_frames(e); i++) {
		struct source_owner file;
		struct caller f = nth_frame(e, i);

		if (owner_of_frame(image, e, f, &file) == SOURCE_OWN)
			return f.site;
	}
	return (struct str){NULL, 0};
}

struct str own_place(const struct image *image, const struct event *e, size_t n)
{
	for (size_t i = 0; i < count_frames(e); i++) {
		struct source_owner file;
		struct caller f = nth_frame(e, i);

		if (owner_of_frame(image, e, f, &file) == SOURCE_OWN && !n--)
			return f.site;
	}
	return (struct str){NULL, 0};
}

static bool has_function(const struct event *e, struct caller wanted)
{
	for (size_t i = 0; i < count_frames(e); i++) {
		struct caller f = nth_frame(e, i);

		if (sites_share_file(f.site, wanted.site) &&
		    str_eq(f.function, wanted.function))
			return true;
	}
	return false;
}

bool share_own_function(const struct image *image, const struct event *a,
			const struct event *b)
{
	for (size_t i = 0; i < count_frames(a); i++) {
		struct source_owner file;
		struct caller f = nth_frame(a, i);

		if (owner_of_frame(image, a, f, &file) == SOURCE_OWN &&
		    has_function(b, f))
			return true;
	}
	return false;
}

/* The package of a transparent reader; len 0: another file. */
static struct str package_of_getter(struct caller f)
{
	if (reader_of(site_file(f.site)) != READER_GETTER)
		return (struct str){NULL, 0};
	return place_library(f.site);
}

static bool has_package(const struct event *e, struct str package)
{
	for (size_t i = 0; i < count_frames(e); i++) {
		struct str file = site_file(nth_frame(e, i).site);
		struct source_owner source =
			find_source_owner(file.at, file.len);

		if (str_eq((struct str){source.package, source.package_len},
			   package))
			return true;
	}
	return false;
}

bool share_getter(const struct event *a, const struct event *b)
{
	for (size_t i = 0; i < count_frames(a); i++) {
		struct str package = package_of_getter(nth_frame(a, i));

		if (package.len && has_package(b, package))
			return true;
	}
	return false;
}

bool came_through_settings(const struct event *e)
{
	for (size_t i = 0; i < count_frames(e); i++)
		if (reader_of(site_file(nth_frame(e, i).site)) ==
		    READER_SETTINGS)
			return true;
	return false;
}

/* "dotenv" of dotenv/main. */
static struct str folder_of_package(struct str site)
{
	struct str package = place_library(site);
	const char *slash =
		package.len ? memchr(package.at, '/', package.len) : NULL;

	return slash ? (struct str){package.at, (size_t)(slash - package.at)}
		     : package;
}

/* The line of another package that called a loader of env files, as a program
 * that is installed as a package does. len 0: no loader, or no such line. A
 * runner of tests and a parser of arguments call what they do not know. */
static struct str caller_of_loader(const struct event *e)
{
	const struct str none = {NULL, 0};
	struct str loader;

	if (!count_frames(e) || reader_of(site_file(e->site)) != READER_LOADER)
		return none;
	loader = folder_of_package(e->site);
	for (size_t i = 1; i < count_frames(e); i++) {
		struct str site = nth_frame(e, i).site;
		struct str package = folder_of_package(site);

		if (package.len && !str_eq(package, loader))
			return str_is_listed(package, "_pytest pluggy pytest "
						      "click typer")
				       ? none
				       : site;
	}
	return none;
}

struct str site_to_edit(const struct image *image, const struct event *e)
{
	struct str site = user_site(image, e, 0);

	if (!site.len)
		site = caller_of_loader(e);
	return site.len ? site : event_site(e);
}

/* --- programs ------------------------------------------------------------ */

static bool is_interpreter(const struct image *image)
{
	switch (runtime_of_program(image->exe)->id) {
	case RUNTIME_NODE:
	case RUNTIME_BUN:
	case RUNTIME_PYTHON:
	case RUNTIME_RUBY:
	case RUNTIME_PERL:
	case RUNTIME_PHP:
	case RUNTIME_PHP_FPM:
	case RUNTIME_JAVA:
		return true;
	default:
		return false;
	}
}

static bool is_in_home(struct str path)
{
	static const char *const homes[] = {"/home/", "/root/", "/Users/"};

	for (size_t i = 0; i < sizeof homes / sizeof *homes; i++)
		if (path.len > strlen(homes[i]) &&
		    !memcmp(path.at, homes[i], strlen(homes[i])))
			return true;
	return false;
}

/* Below the working directory of the program, or of what started it: `su -`
 * goes to another directory. Of the root directory, in which everything lies,
 * only the program's own counts. */
static bool is_below_workplace(struct str path, const struct image *image)
{
	if (str_eq(image->cwd, STR("/")))
		return true;
	for (size_t climbs = 64; image && climbs--; image = image->parent)
		if (path_is_below(path, image->cwd))
			return true;
	return false;
}

static struct asker tool(struct str program, struct str name)
{
	if (is_client_of(program, name))
		return (struct asker){
			.who = ITS_CLIENT, .is_tool = true, .package = program};
	return (struct asker){.who = OTHER_LIBRARY, .package = program};
}

/* A compiled program is the user's own only below its working directory or the
 * user's home, and outside the directories of tools. */
static struct asker compiled(const struct image *image, struct str name)
{
	struct str exe = image->exe;
	struct source_owner file = find_source_owner(exe.at, exe.len);

	if (owner_of(image, file, exe) == SOURCE_OWN &&
	    (is_below_workplace(exe, image) || is_in_home(exe)))
		return (struct asker){.who = OWN_CODE};
	return tool(str_base(exe), name);
}

/* The script of an interpreter, as in its arguments; len 0: none. */
static struct str main_script(const struct image *image)
{
	const struct strs *args = model_arguments(image);

	for (size_t i = 1; i < args->n; i++)
		if (args->at[i].len && args->at[i].at[0] != '-')
			return args->at[i];
	return (struct str){NULL, 0};
}

/* No frame is left: the main script asks. */
static struct asker script(const struct image *image, struct str name)
{
	struct str path = main_script(image);
	struct source_owner file = find_source_owner(path.at, path.len);

	if (file.owner == SOURCE_LIBRARY)
		return tool((struct str){file.package, file.package_len}, name);
	if (owner_of(image, file, path) == SOURCE_TOOL)
		return tool(str_base(path), name);
	return (struct asker){.who = OWN_CODE};
}

/* --- the answer ----------------------------------------------------------- */

/* A tool runs its own package: node_modules/.bin/wrangler asks as wrangler. */
static bool is_own_program(const struct image *image, struct str package)
{
	struct str path = main_script(image);
	struct source_owner file = find_source_owner(path.at, path.len);

	return path.len &&
	       (str_eq(str_base(path), package) ||
		(file.owner == SOURCE_LIBRARY &&
		 str_eq((struct str){file.package, file.package_len},
			package)));
}

/* No code of the user's runs, and pip's script started the package. */
static bool is_entry_of_tool(const struct image *image, const struct event *e)
{
	for (size_t i = 0; i < count_frames(e); i++)
		if (is_entry_script(e, site_file(nth_frame(e, i).site)))
			return !user_site(image, e, 0).len;
	return false;
}

static struct asker library(const struct image *image, const struct event *e,
			    struct str package, struct str name)
{
	struct asker a = {.who = OTHER_LIBRARY, .package = package};

	if (is_client_of(package, name)) {
		a.who = ITS_CLIENT;
		a.is_tool = is_own_program(image, package) ||
			    is_entry_of_tool(image, e);
	}
	return a;
}

/* True for a place in a bundle of JavaScript: nobody writes a file of so many
 * lines, or lines so long, by hand. */
static bool is_bundled(const struct image *image, const struct event *e,
		       size_t frame)
{
	enum { LINES = 4000, COLUMNS = 1000 };
	uint64_t line = site_line(nth_frame(e, frame).site);

	return runtime_of_program(image->exe)->id == RUNTIME_NODE &&
	       (line >= LINES || (!frame && e->column >= COLUMNS));
}

/* No frame of a bundle tells whose code asks. */
static struct asker bundled(struct str name)
{
	return (struct asker){.who = role_of(name) == ROLE_NONE ? OTHER_LIBRARY
								: ITS_CLIENT,
			      .is_bundled = true};
}

static struct asker by_frames(const struct image *image, const struct event *e,
			      struct str name)
{
	for (size_t i = 0; i < count_frames(e); i++) {
		struct caller f = nth_frame(e, i);
		struct str file = site_file(f.site);
		struct source_owner source;
		enum source_owner_kind owner =
			owner_of_frame(image, e, f, &source);
		enum reader reader = reader_of(file);
		struct asker a = {.who = OWN_CODE};

		if (reader == READER_GETTER ||
		    (owner == SOURCE_RUNTIME && reader != READER_SETTINGS))
			continue;
		if (owner == SOURCE_LIBRARY)
			a = library(image, e,
				    (struct str){source.package,
						 source.package_len},
				    name);
		if (owner == SOURCE_TOOL)
			a = tool(str_base(file), name);
		if (reader == READER_PARSER || reader == READER_SETTINGS ||
		    reader == READER_LOADER)
			a.who = OTHER_LIBRARY;
		if (owner == SOURCE_OWN && is_bundled(image, e, i))
			a = bundled(name);
		a.reader = reader;
		a.site = f.site;
		a.function = f.function;
		if (!a.is_bundled)
			a.user_site = user_site(image, e, i);
		return a;
	}
	return script(image, name);
}

/* A read in native code of an interpreter is another library's. */
static bool is_native_read(const struct event *e)
{
	return e->at.len && !event_has_source_line(e);
}

struct asker who_asks(const struct image *image, const struct event *read,
		      struct str name)
{
	if (count_frames(read))
		return by_frames(image, read, name);
	if (!is_interpreter(image))
		return compiled(image, name);
	if (is_native_read(read))
		return (struct asker){.who = OTHER_LIBRARY};
	return script(image, name);
}
