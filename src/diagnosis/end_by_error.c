/* Did the error that nobody caught, or the exit, come of the missing name? */
#include "diagnosis/end.h"

#include "catalogue/errors.h"
#include "catalogue/env_libraries.h"
#include "diagnosis/error_class.h"
#include "diagnosis/evidence/names/held_name.h"
#include "runtimes/runtime.h"
#include "trace/site.h"

static const uint64_t SECOND = 1000000000;

/* --- places --------------------------------------------------------------- */

/* True when `later` lies in the same file, at most `lines` below. */
static bool is_just_below(struct str site, struct str later, uint64_t lines)
{
	uint64_t from = site_line(site), to = site_line(later);

	return from && to >= from && to - from <= lines &&
	       sites_share_file(site, later);
}

/* --- the error that nobody caught ------------------------------------------
 */

/* The runtime's own HTTP complains of the header: http.client of Python, http
 * of Node, net/http of Ruby. fetch throws a TypeError for other reasons, too,
 * and takes blanks and line ends away from the ends of a value. */
static bool is_header_error_of_runtime(const struct value *value,
				       const struct event *raise)
{
	const uint32_t refused_by_fetch =
		KT_IS_BOM | KT_IS_UNPRINTABLE | KT_IS_INNER_LF;

	if (str_eq(error_class(judged_type(raise)), STR("TypeError")))
		return str_eq(raise->by, STR("node:_http_outgoing")) ||
		       (has_part(raise->by, "undici") &&
			(value->is & refused_by_fetch));
	return (str_is_listed(judged_type(raise),
			      "UnicodeEncodeError ValueError") &&
		str_eq(raise->by, STR("client.py"))) ||
	       (str_eq(judged_type(raise), STR("ArgumentError")) &&
		str_eq(raise->by, STR("header.rb")));
}

/* A value with a line end, a blank at an end or an invisible character is
 * refused while a request is built; some clients call that a failed
 * connection. */
static bool is_refused_in_header(const struct reading *r, const struct ask *ask,
				 const struct event *raise)
{
	const uint32_t shapes = KT_IS_BLANK | KT_IS_CR | KT_IS_LF | KT_IS_BOM |
				KT_IS_UNPRINTABLE | KT_IS_INNER_LF;

	if (!r->value || !(r->value->is & shapes) || ask->need == OPTIONAL)
		return false;
	if (is_header_error_of_runtime(r->value, raise))
		return true;
	return str_is_listed(error_class(judged_type(raise)),
			     "InvalidHeader LocalProtocolError "
			     "UnicodeEncodeError APIConnectionError "
			     "ConnectionError ConnectError TypeError "
			     "ValueError Error") &&
	       (is_error_of_http_client(raise) ||
		is_error_of_client(raise, r->name));
}

/* Both lie under one line of the program. */
static bool is_in_one_call(const struct image *image, const struct ask *ask,
			   const struct event *raise)
{
	struct str asked = ask->asker.user_site;

	return asked.len && str_eq(asked, site_to_edit(image, raise));
}

/* Functions of the runtime that complain of the network, or of the command
 * line: fetch and parseArgs of Node throw a TypeError, too. */
static bool is_raiser_elsewhere(struct str by)
{
	return has_part(by, "undici") || has_part(by, "parse_args");
}

/* The client asked when it was made, and complains in its first call, at most
 * five lines below. */
static bool is_in_next_call(const struct image *image, const struct ask *ask,
			    const struct event *raise)
{
	return ask->asker.who == ITS_CLIENT &&
	       is_complaint(judged_type(raise)) &&
	       is_just_below(ask->asker.user_site, site_to_edit(image, raise),
			     5);
}

static struct str site_of(const struct asker *a, const struct event *e)
{
	return a->site.len ? a->site : event_place(e);
}

static struct str function_of(const struct asker *a, const struct event *e)
{
	return a->site.len ? a->function : e->in;
}

/* An error of a transparent reader was raised where its caller stands, as the
 * caller is who asks. */
static bool is_on_line(const struct ask *ask, const struct event *raise,
		       const struct asker *by)
{
	struct str site = site_of(&ask->asker, ask->event);

	return site.len && str_eq(site, site_of(by, raise)) &&
	       !is_raiser_elsewhere(raise->by);
}

/* The runtime cannot work with the missing value. */
static bool is_operation_on_nothing(const struct event *raise)
{
	return str_eq(error_class(judged_type(raise)), STR("TypeError")) &&
	       !is_raiser_elsewhere(raise->by);
}

static bool is_php(const struct image *image)
{
	int id = runtime_of(image)->id;

	return id == RUNTIME_PHP || id == RUNTIME_PHP_FPM;
}

/* Perl's die ends with errno as the status, or with 255: `open(...) or die`
 * stands for an error of the system. */
static bool may_be_system_error(const struct image *image,
				const struct event *raise)
{
	return str_eq(judged_type(raise), STR("die")) && image->has_status &&
	       image->status != 255;
}

/* PHP's own Error is a mistake in the program, such as a missing function. */
static bool is_mistake(const struct image *image, struct str type)
{
	return is_php(image) && str_eq(type, STR("Error"));
}

/* A statement of the program complains, or an operation on what is not there.
 */
static bool is_complaint_of_program(const struct image *image,
				    const struct event *raise)
{
	if (is_mistake(image, judged_type(raise)) ||
	    may_be_system_error(image, raise))
		return false;
	return is_complaint(judged_type(raise)) &&
	       (!raise->by.len || is_operation_on_nothing(raise));
}

/* The line of a call with many lines is the first, and its arguments are read
 * on those below: a reader of these complains above the read. */
static bool is_below_read(const struct image *image, const struct ask *ask,
			  const struct event *raise, const struct asker *by)
{
	struct str asked = site_of(&ask->asker, ask->event);
	struct str raised = site_of(by, raise);
	bool by_reader = !str_eq(raised, event_place(raise));

	return (by_reader || is_complaint_of_program(image, raise)) &&
	       str_eq(function_of(by, raise),
		      function_of(&ask->asker, ask->event)) &&
	       (is_just_below(asked, raised, 5) ||
		(by_reader && is_just_below(raised, asked, 5)));
}

/* Nobody held this one of several sources, and the process found another part
 * of the provider's credential. */
static bool has_credential_without(const struct reading *r)
{
	if (role_of(r->name) != ROLE_ALTERNATIVE || is_held_upstream(r))
		return false;
	for (const struct reading *o = r->image->readings; o; o = o->next)
		if (model_found_value(o) &&
		    role_of(o->name) <= ROLE_ALTERNATIVE &&
		    are_of_one_provider(o->name, r->name))
			return true;
	return false;
}

/* f(getenv("KEY")): where PHP refuses the type of an argument, it names the
 * line of the function, and the call is the first caller. */
static bool is_refused_argument(const struct image *image,
				const struct asker *a,
				const struct event *raise,
				const struct event *read)
{
	struct str site = a->site.len ? a->site : event_site(read);

	return is_php(image) && site.len &&
	       str_eq(error_class(judged_type(raise)), STR("TypeError")) &&
	       (str_eq(own_place(image, raise, 0), site) ||
		str_eq(own_place(image, raise, 1), site));
}

/* In a bundle the client is not known by its file: an error of the same file at
 * once after the read is taken for the client's. */
static bool is_complaint_in_bundle(const struct ask *ask,
				   const struct event *raise)
{
	return raise->t - ask->event->t <= SECOND &&
	       sites_share_file(raise->site, ask->asker.site) &&
	       !is_error_elsewhere(judged_type(raise)) &&
	       !is_error_of_request(judged_type(raise));
}

/* The client that complains found a key of its own: the complaint is about that
 * key, not about a name that nobody held. */
static bool is_about_found_key(const struct reading *r,
			       const struct event *raise)
{
	if (!is_nothing(r) || is_held_upstream(r))
		return false;
	for (const struct reading *o = r->image->readings; o; o = o->next)
		if (model_found_value(o) && role_of(o->name) == ROLE_KEY &&
		    !str_eq(o->name, r->name) &&
		    is_error_of_client(raise, o->name))
			return true;
	return false;
}

/* The client that complains missed a key later: the complaint is about that
 * key, not about one of several sources, for which an import asked. */
static bool is_about_later_key(const struct reading *r, const struct ask *ask,
			       const struct event *raise)
{
	if (role_of(r->name) == ROLE_KEY || is_held_upstream(r))
		return false;
	for (const struct reading *o = r->image->readings; o; o = o->next)
		if (o->outcome == READ_MISSED && o->event &&
		    o->event->t > ask->event->t &&
		    role_of(o->name) == ROLE_KEY &&
		    is_error_of_client(raise, o->name))
			return true;
	return false;
}

/* A client of the name complains: in the call that asked, or of a credential.
 */
static bool is_clients_complaint(const struct reading *r, const struct ask *ask,
				 const struct event *raise)
{
	enum role role = role_of(r->name);

	if (role == ROLE_OPTIONAL || role == ROLE_NONE)
		return false;
	if (ask->asker.is_bundled)
		return is_nothing(r) && is_complaint_in_bundle(ask, raise);
	if (!is_error_of_client(raise, r->name))
		return false;
	if (role == ROLE_SETTING && !is_held_upstream(r))
		return is_setting_error(judged_type(raise), r->name);
	if (is_about_credential_of(raise, r->name))
		return true;
	return is_nothing(r) && !is_error_elsewhere(judged_type(raise)) &&
	       !is_error_of_request(judged_type(raise)) &&
	       (is_in_one_call(r->image, ask, raise) ||
		is_in_next_call(r->image, ask, raise)) &&
	       !has_credential_without(r) && !is_about_later_key(r, ask, raise);
}

/* A settings library looks in its copy of the environment: the read itself is
 * not seen. Its own error tells of a key that was lost on the way, or that a
 * file which nobody loaded has, unless the message tells the names. */
static bool is_settings_error(const struct reading *r,
			      const struct event *raise)
{
	return role_of(r->name) == ROLE_KEY && !raise->missing.n &&
	       (r->unloaded || (r->loss && is_held_upstream(r))) &&
	       came_through_settings(raise);
}

/* The reads of the object that the program put in the place of its environment
 * are not heard: the client's own error tells of the name that the object
 * lacks.
 */
static bool is_error_without_replaced(const struct reading *r,
				      const struct event *raise)
{
	enum role role = role_of(r->name);

	return r->replaced && raise->t >= r->replaced->t &&
	       (role == ROLE_KEY || role == ROLE_ALTERNATIVE) &&
	       is_error_of_client(raise, r->name) &&
	       !is_error_elsewhere(judged_type(raise)) &&
	       !is_error_of_request(judged_type(raise));
}

bool failed_by_it(const struct reading *r, const struct ask *ask)
{
	const struct event *raise = r->image->raise;
	struct asker by;

	if (!raise || found_alternative(r))
		return false;
	if (is_called_missing(r) || is_settings_error(r, raise) ||
	    is_error_without_replaced(r, raise))
		return true;
	if (!ask->event || raise->t < ask->event->t)
		return false;
	by = who_asks(r->image, raise, r->name);
	return is_complaint_of_credential(r, ask) ||
	       (is_nothing(r) && (is_on_line(ask, raise, &by) ||
				  is_below_read(r->image, ask, raise, &by) ||
				  is_refused_argument(r->image, &ask->asker,
						      raise, ask->event))) ||
	       (is_clients_complaint(r, ask, raise) &&
		!is_about_found_key(r, raise)) ||
	       is_refused_in_header(r, ask, raise);
}

/* The function that asked, or the library that asked, raised the error. */
static bool is_in_asker(const struct ask *ask, const struct event *raise,
			const struct asker *by)
{
	if (ask->asker.package.len)
		return str_eq(ask->asker.package, by->package);
	return str_eq(function_of(&ask->asker, ask->event),
		      function_of(by, raise));
}

/* A setting that was lost says where requests go: another host does not answer,
 * or has not what was asked for. */
static bool is_error_of_other_host(const struct reading *r,
				   const struct event *raise)
{
	return is_nothing(r) && role_of(r->name) == ROLE_SETTING &&
	       is_held_upstream(r) && is_error_of_address(judged_type(raise)) &&
	       (is_error_of_client(raise, r->name) ||
		is_error_of_http_client(raise));
}

/* The error that ended the process has nothing to do with the name. */
bool raised_elsewhere(const struct reading *r, const struct ask *ask)
{
	const struct event *raise = r->image->raise;
	struct asker by;

	if (!raise)
		return false;
	if (is_http_status(judged_type(raise)) ||
	    speaks_of_credential(judged_type(raise)) ||
	    (has_words_of_credential(raise) &&
	     !is_error_elsewhere(judged_type(raise))) ||
	    is_error_of_other_host(r, raise))
		return false;
	if (raise->at.len)
		return false; /* of native code the callers are not known */
	if (is_error_elsewhere(judged_type(raise)) ||
	    is_error_of_request(judged_type(raise)))
		return true;
	/* What was built has the value in it: any of its lines may complain. */
	if (r->unread && is_complaint_of_program(r->image, raise))
		return false;
	if (!is_nothing(r))
		return !is_error_of_client(raise, r->name) &&
		       !is_error_of_http_client(raise);
	if (is_held_upstream(r) || !ask->event)
		return false;
	if (raise->by.len && (!is_of_missing_value(judged_type(raise)) ||
			      is_raiser_elsewhere(raise->by)))
		return true;
	if (is_mistake(r->image, judged_type(raise)))
		return true;
	if (ended_at_once(r, ask))
		return false;
	if (!raise->site.len && event_has_source_line(ask->event))
		return true;
	by = who_asks(r->image, raise, r->name);
	return !is_of_missing_value(judged_type(raise)) &&
	       !is_in_asker(ask, raise, &by) &&
	       !is_error_of_client(raise, r->name) &&
	       !is_in_one_call(r->image, ask, raise);
}

bool is_error_of_child(const struct event *raise)
{
	return str_is_listed(error_class(judged_type(raise)),
			     "CalledProcessError SystemExit");
}

/* --- an exit at the place that asked ---------------------------------------
 */

static bool child_ended_between(const struct image *image, uint64_t from,
				uint64_t to)
{
	for (size_t i = 0; i < image->n_events; i++)
		if (image->events[i]->kind == KT_WAIT &&
		    image->events[i]->t > from && image->events[i]->t < to)
			return true;
	return false;
}

/* True when `exit` lies at most 20 lines below the read, or below the call of
 * the function that asked. */
static bool exits_below(const struct reading *r, const struct ask *ask,
			const struct event *exit)
{
	struct asker by = who_asks(r->image, exit, r->name);

	if (!event_has_source_line(ask->event) ||
	    !event_has_source_line(exit) || exit->by.len)
		return false;
	if (is_just_below(site_of(&ask->asker, ask->event), site_of(&by, exit),
			  20))
		return true;
	return ask->asker.user_site.len &&
	       is_just_below(ask->asker.user_site, exit->site, 20);
}

bool ended_at_once(const struct reading *r, const struct ask *ask)
{
	const struct event *end =
		r->image->raise ? r->image->raise : r->image->exit;

	return end && ask->event && end->t >= ask->event->t &&
	       end->t - ask->event->t <= SECOND && exits_below(r, ask, end) &&
	       !may_be_system_error(r->image, end) &&
	       !child_ended_between(r->image, ask->event->t, end->t);
}
