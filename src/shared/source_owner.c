#include "shared/source_owner.h"

#include <stdbool.h>

struct text {
	const char *at;
	size_t len;
};

#define TEXT(literal) ((struct text){literal, sizeof literal - 1})

static bool is_at(struct text path, size_t at, struct text word)
{
	if (at > path.len || path.len - at < word.len)
		return false;
	for (size_t i = 0; i < word.len; i++)
		if (path.at[at + i] != word.at[i])
			return false;
	return true;
}

/* The place behind the last `word` in a path; 0: there is none. */
static size_t behind_last(struct text path, struct text word)
{
	if (path.len < word.len)
		return 0;
	for (size_t at = path.len - word.len + 1; at-- > 0;)
		if (path.at[at] == *word.at && is_at(path, at, word))
			return at + word.len;
	return 0;
}

/* The place behind `count` parts of a path from `from` on. */
static size_t behind_parts(struct text path, size_t from, unsigned count)
{
	size_t at = from;

	while (at < path.len && (path.at[at] != '/' || --count))
		at++;
	return at;
}

static struct source_owner part_of(struct text path, size_t from, size_t to)
{
	return (struct source_owner){SOURCE_LIBRARY, path.at + from, to - from};
}

/* Vite compiles the program's own configuration into .vite-temp. */
static struct source_owner npm_package(struct text path, size_t from)
{
	unsigned parts = from < path.len && path.at[from] == '@' ? 2 : 1;

	if (is_at(path, from, TEXT(".vite-temp/")))
		return (struct source_owner){.owner = SOURCE_OWN};
	return part_of(path, from, behind_parts(path, from, parts));
}

/* openai/_client.py: openai/_client */
static struct source_owner python_package(struct text path, size_t from)
{
	size_t to = path.len;

	for (size_t at = path.len; at-- > from && path.at[at] != '/';)
		if (path.at[at] == '.') {
			to = at;
			break;
		}
	return part_of(path, from, to);
}

/* dotenv-2.8.1/lib/dotenv.rb: dotenv */
static struct source_owner gem(struct text path, size_t from)
{
	size_t to = behind_parts(path, from, 1);

	for (size_t at = to; at-- > from;)
		if (path.at[at] == '-')
			return part_of(path, from, at);
	return part_of(path, from, to);
}

/* vendor_ruby/rubygems/core_ext/x.rb, vendor_ruby/rubygems.rb: rubygems */
static struct source_owner ruby_package(struct text path, size_t from)
{
	size_t to = behind_parts(path, from, 1);

	if (to == path.len && to - from > 3 && is_at(path, to - 3, TEXT(".rb")))
		to -= 3;
	return part_of(path, from, to);
}

static struct source_owner vendor_package(struct text path, size_t from)
{
	return part_of(path, from, behind_parts(path, from, 2));
}

static struct source_owner first_part(struct text path, size_t from)
{
	return part_of(path, from, behind_parts(path, from, 1));
}

/* A folder of a version or of a cache is the name of no package. */
static struct source_owner no_package(struct text path, size_t from)
{
	return part_of(path, from, from);
}

static const struct {
	struct text folder;
	struct source_owner (*package)(struct text path, size_t from);
} libraries[] = {
	{TEXT("/node_modules/"), npm_package},
	{TEXT("/site-packages/"), python_package},
	{TEXT("/dist-packages/"), python_package},
	{TEXT("/gems/"), gem},
	{TEXT("/venv/bin/"), first_part},
	{TEXT("/.venv/bin/"), first_part},
	{TEXT("/.virtualenvs/"), no_package},
	{TEXT("/vendor/"), vendor_package},
	{TEXT("/vendor_ruby/"), ruby_package},
	{TEXT("/site_ruby/"), ruby_package},
	{TEXT("/usr/share/nodejs/"), npm_package},
	{TEXT("/usr/share/php/"), first_part},
	{TEXT("/usr/share/perl5/"), first_part},
	{TEXT("/.yarn/"), no_package},
	{TEXT("/.pnp."), no_package},
	{TEXT("/corepack/"), no_package},
	{TEXT("/.vscode/extensions/"), first_part},
	{TEXT("/.vscode-server/"), first_part},
	{TEXT("/.cargo/registry/src/"), first_part},
};

/* Parts of paths of the languages' own files. */
static const struct text runtimes[] = {
	TEXT("/lib/python2"),	  TEXT("/lib/python3"),
	TEXT("/usr/lib/ruby/"),	  TEXT("/lib/ruby/"),
	TEXT("/usr/share/perl/"), TEXT("/perl-base/"),
	TEXT("/rustc/"),	  TEXT("/.rustup/toolchains/"),
	TEXT("/perl/5."),
};

/* How a runtime begins the name of a file that is its own, or none. */
static const struct text no_files[] = {
	TEXT("node:"),	TEXT("internal/"), TEXT("<frozen "), TEXT("<anonymous"),
	TEXT("ext:"),	TEXT("native "),   TEXT("<__"),	     TEXT("<internal:"),
	TEXT("(eval)"), TEXT("(eval at "), TEXT("***"),
};

/* Directories of programs that the system, or a tool, installed. */
static const struct text tools[] = {
	TEXT("/usr/"),	TEXT("/bin/"), TEXT("/sbin/"), TEXT("/lib"),
	TEXT("/snap/"), TEXT("/nix/"), TEXT("phar:"),
};

/* Parts of paths below which tools install programs in a user's home. */
static const struct text homes[] = {
	TEXT("/.cargo/"), TEXT("/.local/bin/"), TEXT("/.local/share/"),
	TEXT("/.cache/"), TEXT("/.pyenv/"),	TEXT("/.rbenv/"),
	TEXT("/.nvm/"),	  TEXT("/.asdf/"),	TEXT("/go/bin/"),
};

static bool is_tool(struct text path)
{
	if (is_at(path, 0, TEXT("/usr/src/")))
		return false;
	for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
		if (is_at(path, 0, tools[i]))
			return true;
	for (size_t i = 0; i < sizeof homes / sizeof *homes; i++)
		if (behind_last(path, homes[i]))
			return true;
	return false;
}

static bool is_no_file(struct text path)
{
	for (size_t i = 0; i < sizeof no_files / sizeof *no_files; i++)
		if (is_at(path, 0, no_files[i]))
			return true;
	return !path.len;
}

static bool is_runtime(struct text path)
{
	for (size_t i = 0; i < sizeof runtimes / sizeof *runtimes; i++)
		if (behind_last(path, runtimes[i]))
			return true;
	return false;
}

/* Also below the working directory: node_modules/pm2/bin/pm2. */
static size_t behind_folder(struct text path, struct text folder)
{
	size_t from = behind_last(path, folder);

	folder.at++;
	folder.len--;
	if (!from && is_at(path, 0, folder))
		from = folder.len;
	return from;
}

struct source_owner find_source_owner(const char *at, size_t len)
{
	struct text path = {at, len};

	if (is_no_file(path))
		return (struct source_owner){.owner = SOURCE_RUNTIME};
	for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
		size_t from = behind_folder(path, libraries[i].folder);

		if (from)
			return libraries[i].package(path, from);
	}
	if (is_runtime(path))
		return (struct source_owner){.owner = SOURCE_RUNTIME};
	return (struct source_owner){.owner = is_tool(path) ? SOURCE_TOOL
							    : SOURCE_OWN};
}
