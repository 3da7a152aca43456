#include "recorder/runtimes/python_copy.h"

#include "recorder/lib/str.h"
#include "recorder/process/copy_event.h"

/* Code whose copy hides no read of a credential: the environment of a child, a
 * search for proxies, values to restore or to put into other values. To add
 * code: a part of the path, in lower case. */
static const char harmless[][20] = {
	"/subprocess.py",    "/multiprocessing/",  "/urllib/request.py",
	"/unittest/mock.py", "/dotenv/main.py",	   "/gunicorn/",
	"-packages/tqdm/",   "/_pytest/monkeypat",
};

static bool is_harmless(const char *file)
{
	for (size_t i = 0; i < ARRAY_LENGTH(harmless); i++)
		if (str_mentions(file, str_length(file), harmless[i]))
			return true;
	return false;
}

void python_on_copy(const struct python_caller *c)
{
	if (!c->keeps_nothing && c->file && !is_harmless(c->file))
		record_copy("os.environ", &c->place, python_find_callers, NULL);
}
