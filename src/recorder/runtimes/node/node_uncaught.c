#include "recorder/runtimes/node/node_uncaught.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/node/node_end_state.h"

typedef void listener(local message, local error);

/* of v8::Isolate::MessageErrorLevel */
enum { LEVEL_ERROR = 8, LEVEL_WARNING = 16 };

#define FUNCTIONS(F)                                                           \
	F(remove, void, (void *, listener *),                                  \
	  "_ZN2v87Isolate22RemoveMessageListenersEPFvNS_5LocalINS_"            \
	  "7MessageEEENS1_INS_5ValueEEEE")                                     \
	F(add, bool, (void *, listener *, int, local),                         \
	  "_ZN2v87Isolate32AddMessageListenerWithErrorLevelEPFvNS_"            \
	  "5LocalINS_7MessageEEENS1_INS_5ValueEEEEiS5_")                       \
	F(listener_of_node, void, (local, local),                              \
	  "_ZN4node6errors25PerIsolateMessageListenerEN2v85LocalINS1_"         \
	  "7MessageEEENS2_INS1_5ValueEEE")

static struct {
	FUNCTIONS(ELF_FUNCTION)
} of_listener;

static bool take(local message, local error, struct node_error *ret)
{
	int host_error = host_errno();
	void *isolate = v8_current();
	bool taken = false;

	if (node_ends && error && v8_runs(isolate) &&
	    node_message_level(message) == LEVEL_ERROR) {
		node_error_take(isolate, error, message, ret);
		taken = true;
	}
	host_set_errno(host_error);
	return taken;
}

/* A handler of the program caught it in the end. */
static void give_back(struct node_error *thrown, struct node_error *outer)
{
	int error = host_errno();

	if (node_ends)
		node_ends->thrown = outer;
	node_error_record(thrown);
	host_set_errno(error);
}

static void on_error(local message, local error)
{
	struct node_error thrown, *outer;

	if (!take(message, error, &thrown)) {
		of_listener.listener_of_node(message, error);
		return;
	}
	outer = node_ends->thrown;
	node_ends->thrown = &thrown;
	of_listener.listener_of_node(message, error);
	give_back(&thrown, outer);
}

void node_uncaught_watch(void *isolate)
{
	if (!of_listener.listener_of_node &&
	    !elf_symbols(FUNCTIONS(ELF_NAME), (void **)&of_listener))
		return;
	of_listener.remove(isolate, of_listener.listener_of_node);
	of_listener.add(isolate, on_error, LEVEL_ERROR | LEVEL_WARNING, NULL);
}
