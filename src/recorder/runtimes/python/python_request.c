#include "recorder/runtimes/python/python_request.h"

#include "recorder/http/http.h"
#include "recorder/lib/str.h"
#include "recorder/lib/syscall.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/python/python_frames.h"

enum { THREADS = 32 };

struct noted {
	_Atomic uint32_t thread; /* number; 0: free */
	struct source_pos pos;
	struct callers callers;
};

/* In memory that a fork empties. NULL: no request yet. */
static struct noted *noted;

static struct noted *own_place(void)
{
	return &noted[thread.number % THREADS];
}

bool python_is_request(const char *event)
{
	return http_is_on() && (str_equal(event, "http.client.send") ||
				str_equal(event, "socket.connect"));
}

static bool has_memory(void)
{
	struct noted *n;

	if (noted)
		return true;
	n = sys_memory(THREADS * sizeof *n);
	if (n)
		SYS(madvise, n, THREADS * sizeof *n, MADV_WIPEONFORK);
	noted = n;
	return n;
}

/* The number of a thread is its first event's: until then the thread has
 * none. */
void python_note_request(void)
{
	struct noted *n;

	if (!has_memory() || !recorder_enter())
		return;
	n = own_place();
	atomic_store(&n->thread, 0);
	recorder_leave();
	python_find_place(&n->pos, &n->callers);
	if (n->pos.line)
		atomic_store(&n->thread, thread.number);
}

bool python_take_request_place(struct http_place *ret)
{
	struct noted *n = noted ? own_place() : NULL;

	if (!n || !thread.number ||
	    atomic_exchange(&n->thread, 0) != thread.number)
		return false;
	ret->pos = n->pos;
	ret->callers = &n->callers;
	return true;
}
