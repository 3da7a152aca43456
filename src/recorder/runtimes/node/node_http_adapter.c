#include "recorder/runtimes/node/node_http_adapter.h"

#include <fcntl.h>

#include "recorder/http/http.h"
#include "recorder/lib/str.h"
#include "recorder/lib/syscall.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/v8/v8.h"

#define ADAPTER "node.cjs"

enum { OPTIONS_BYTES = 4096 };

static bool mentions(const char *text, const char *word)
{
	return text && str_mentions(text, str_length(text), word);
}

/* Under a permission model the file may not be read, and Node would end.
 * --trace-env prints the names of reads, and so would print values. A snapshot
 * would contain the adapter. */
static bool is_refused(const char *options)
{
	static const char words[] = "permission\0policy\0trace-env\0snapshot\0";
	char *const *argv = globals->argv;

	for (const char *w = words; *w; w += str_length(w) + 1) {
		if (mentions(options, w))
			return true;
		for (size_t i = 1; argv && argv[i] && argv[i][0] == '-'; i++)
			if (mentions(argv[i], w))
				return true;
	}
	return false;
}

static bool write_options(char *to, const char *value)
{
	const char *library = globals->settings.library;
	size_t n;

	if (str_find_char(library, '"') || str_find_char(library, '\\'))
		return false;
	if (!str_append(to, OPTIONS_BYTES, value ? value : "") ||
	    !str_append(to, OPTIONS_BYTES,
			value ? " --require=\"" : "--require=\"") ||
	    !str_append(to, OPTIONS_BYTES, library))
		return false;
	n = (size_t)(base_name(to) - to);
	to[n] = '\0';
	return str_append(to, OPTIONS_BYTES, ADAPTER "\"");
}

/* Node would end for a file that it cannot read. */
static bool is_readable(const char *library)
{
	char path[PATH_BYTES] = "";
	long fd;

	str_append(path, sizeof path, library);
	path[base_name(path) - path] = '\0';
	if (!str_append(path, sizeof path, ADAPTER))
		return false;
	fd = SYS(open, path, O_RDONLY | O_CLOEXEC, 0);
	if (fd >= 0)
		SYS(close, fd);
	return fd >= 0;
}

static bool begin(void)
{
	void *memory = sys_memory(node_http_bytes());

	if (memory)
		SYS(madvise, memory, node_http_bytes(), MADV_DONTDUMP);
	node_http_begin(memory);
	return memory;
}

char *node_http_options(char *value)
{
	static char *options;

	if (!http_is_on() || v8_current())
		return value;
	if (options)
		return options;
	if (is_refused(value) || !is_readable(globals->settings.library) ||
	    !(options = sys_memory(OPTIONS_BYTES)))
		return value;
	if (!write_options(options, value) || !begin())
		options = value;
	return options;
}
