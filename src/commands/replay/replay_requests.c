#include "commands/replay/replay_requests.h"

#include "commands/replay/replay_sentence_parts.h"

static bool is_usual_port(const struct event *e)
{
	return !e->port || e->port == (e->tls ? 443 : 80);
}

static void print_address(struct out *o, const struct event *e)
{
	out_clean(o, e->method);
	replay_print(o, " %s", e->tls ? "https://" : "http://");
	out_clean(o, e->host);
	if (!is_usual_port(e))
		replay_print(o, ":%llu", (unsigned long long)e->port);
	out_clean(o, e->path);
}

static void print_credential(struct out *o, const struct sent_credential *c)
{
	out_clean(o, c->header);
	if (c->scheme.len) {
		replay_print(o, " ");
		out_clean(o, c->scheme);
	}
	replay_print(o, " ");
	replay_value(o, &c->value);
	if (!c->name.len)
		return;
	replay_print(o, str_eq(c->held, STR("before")) ? ", once the value of "
						       : ", the value of ");
	out_clean(o, c->name);
}

void replay_request(struct out *o, const struct event *e)
{
	replay_print(o, "%s request %llu: ", e->incoming ? "receives" : "sends",
		     (unsigned long long)e->number);
	print_address(o, e);
	if (e->incoming && e->peer.len) {
		replay_print(o, " from ");
		out_clean(o, e->peer);
	}
	for (size_t i = 0; i < e->credentials.n; i++) {
		replay_print(o, "%s", i ? "; " : ", with ");
		print_credential(o, &e->credentials.at[i]);
	}
	if (!e->credentials.n)
		replay_print(o, ", without a credential");
}

void replay_response(struct out *o, const struct event *e)
{
	replay_print(o, "has the answer %lld to request %llu",
		     (long long)e->status, (unsigned long long)e->request);
	if (e->code.len) {
		replay_print(o, ": ");
		out_clean(o, e->code);
	}
	if (e->scheme.len) {
		replay_print(o, ", which asks for ");
		out_clean(o, e->scheme);
	}
}

void replay_unseen(struct out *o, const struct event *e)
{
	replay_print(o, "%s requests that cannot be read, of ",
		     e->incoming ? "receives" : "sends");
	out_clean(o, e->what);
	if (e->peer.len) {
		replay_print(o, e->incoming ? " from " : " to ");
		out_clean(o, e->peer);
	}
}
