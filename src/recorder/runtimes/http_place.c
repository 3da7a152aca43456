#include "recorder/runtimes/http_place.h"

#include "recorder/runtimes/interpreter.h"
#include "recorder/runtimes/node/node_http.h"
#include "recorder/runtimes/python/python_request.h"

static bool find_running(struct http_place *ret)
{
	struct interpreter_place place;

	if (!interpreter_running_pos(ACT_READ, &place) || !place.pos.line)
		return false;
	ret->pos = place.pos;
	ret->find_callers = place.find_callers;
	return true;
}

bool http_find_place(const struct http_head *h, struct http_place *ret)
{
	return python_take_request_place(ret) || find_running(ret) ||
	       node_http_find_place(h, ret);
}
