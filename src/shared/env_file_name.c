#include "shared/env_file_name.h"

#include "shared/text.h"

struct part {
	const char *at;
	size_t n;
};

static bool ends_with(const char *s, size_t n, const char *end)
{
	size_t m = str_length(end);

	return n >= m && bytes_equal(s + n - m, end, m);
}

static bool begins_with(const char *s, size_t n, const char *begin)
{
	size_t m = str_length(begin);

	return n > m && bytes_equal(s, begin, m);
}

static bool equals(const char *s, size_t n, const char *text)
{
	return n == str_length(text) && bytes_equal(s, text, n);
}

/* Lists are words with a null byte behind each, and one more at the end: an
 * array of pointers would be written by the loader. */
static bool is_in(const char *list, const char *s, size_t n)
{
	for (; *list; list += str_length(list) + 1)
		if (equals(s, n, list))
			return true;
	return false;
}

static bool ends_in(const char *list, const char *s, size_t n)
{
	for (; *list; list += str_length(list) + 1)
		if (ends_with(s, n, list))
			return true;
	return false;
}

static struct part last_part(const char *path, size_t n)
{
	size_t at = n;

	while (at && path[at - 1] != '/')
		at--;
	return (struct part){path + at, n - at};
}

/* ".env", ".env.local", ".env-local", ".envrc"; not ".environment". */
static bool is_dot_env(struct part p)
{
	if (p.n < 4 || !bytes_equal(p.at, ".env", 4))
		return false;
	return p.n == 4 || !is_letter(p.at[4]) || equals(p.at, p.n, ".envrc");
}

static bool is_dev_vars(struct part p)
{
	return equals(p.at, p.n, ".dev.vars") ||
	       begins_with(p.at, p.n, ".dev.vars.");
}

static bool is_login(const char *path, size_t n, struct part last)
{
	return is_in(".netrc\0.pgpass\0", last.at, last.n) ||
	       ends_in("/gcloud/application_default_credentials.json\0"
		       "/gcloud/credentials.db\0/gcloud/access_tokens.db\0"
		       "/huggingface/token\0",
		       path, n) ||
	       (ends_with(path, n - last.n, "/.aws/") &&
		!equals(last.at, last.n, "models"));
}

enum env_file_kind env_file_kind_of(const char *path, size_t n)
{
	struct part last = last_part(path, n);

	if (!last.n)
		return ENV_FILE_NONE;
	if (begins_with(path, n, "/run/secrets/") ||
	    begins_with(path, n, "/var/run/secrets/"))
		return ENV_FILE_SECRET;
	if (is_dot_env(last) || is_dev_vars(last) ||
	    ends_with(last.at, last.n, ".env"))
		return ENV_FILE_ASSIGNS;
	return is_login(path, n, last) ? ENV_FILE_LOGIN : ENV_FILE_NONE;
}

bool env_file_is_real(const char *path, size_t n)
{
	return !ends_in(".example\0.sample\0.template\0.dist\0.keys\0", path,
			n);
}

bool is_name_of_file(const char *name, size_t n)
{
	return is_in("GOOGLE_APPLICATION_CREDENTIALS\0NETRC\0PGPASSFILE\0",
		     name, n) ||
	       (n > sizeof "_FILE" - 1 && ends_with(name, n, "_FILE"));
}
