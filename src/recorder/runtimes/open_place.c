#include "recorder/runtimes/open_place.h"

#include "recorder/runtimes/node/node.h"
#include "recorder/runtimes/node/node_callers.h"
#include "recorder/runtimes/python/python.h"

/* An audit event of Python has noted the line before the call. */
static bool take_noted(struct open_event *o)
{
	if (!source_pos_is_for_one_call())
		return false;
	o->place = source_pos_current();
	o->callers = source_pos_callers();
	return true;
}

static bool ask_node(struct open_event *o, struct open_place *room)
{
	if (!node_on_open(o->caller, &room->of_interpreter.pos))
		return false;
	o->place = &room->of_interpreter.pos;
	o->find_callers = node_find_callers;
	return true;
}

static bool ask_python(struct open_event *o, struct open_place *room)
{
	if (!python_on_probe(o->caller, &room->of_interpreter.pos,
			     &room->callers))
		return false;
	o->place = &room->of_interpreter.pos;
	o->callers = &room->callers;
	return true;
}

static bool ask_interpreter(struct open_event *o, struct open_place *room)
{
	if (!interpreter_source_pos(o->caller, ACT_OPEN, &room->of_interpreter))
		return false;
	o->place = &room->of_interpreter.pos;
	o->find_callers = room->of_interpreter.find_callers;
	return true;
}

void open_place_find(struct open_event *o, struct open_place *room)
{
	if (!o->caller || take_noted(o) || ask_node(o, room) ||
	    ask_python(o, room))
		return;
	ask_interpreter(o, room);
}

void open_place_end(const struct open_event *o)
{
	if (o->place == source_pos_current())
		source_pos_clear();
}
