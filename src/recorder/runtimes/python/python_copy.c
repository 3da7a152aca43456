#include "recorder/runtimes/python/python_copy.h"

#include "recorder/lib/str.h"
#include "recorder/process/copy_event.h"

static const copy_path_part harmless[] = {
	"/subprocess.py",    "/multiprocessing/",  "/urllib/request.py",
	"/unittest/mock.py", "/dotenv/main.py",	   "/gunicorn/",
	"-packages/tqdm/",   "/_pytest/monkeypat",
};

void python_on_copy(struct python_caller *c)
{
	if (c->keeps_nothing || !c->file ||
	    copy_is_harmless(c->file, harmless, ARRAY_LENGTH(harmless)))
		return;
	python_find_function(&c->place);
	record_copy("os.environ", &c->place, python_find_callers, NULL);
}

/* Libraries that list the names and then get each that fits, at another place:
 * nobody sees what else they look for. */
static const copy_path_part selecting[] = {
	"/flask/config.py",
};

void python_on_listing(struct python_caller *c)
{
	if (!c->file ||
	    !copy_is_harmless(c->file, selecting, ARRAY_LENGTH(selecting)))
		return;
	python_find_function(&c->place);
	record_copy("os.environ", &c->place, python_find_callers, NULL);
}
