/* What the class of an error speaks of: data, and the questions to it. */
#include "diagnosis/error_class.h"

#include "catalogue/catalogue.h"
#include "catalogue/errors.h"
#include "shared/source_owner.h"
#include "trace/site.h"

static bool ends_module(char c)
{
	return c == '.' || c == ':' || c == '\\';
}

/* openai.OpenAIError, OpenAI::Error, OpenAI\Error: the class comes last. */
struct str error_class(struct str type)
{
	size_t skip = type.len;

	while (skip && !ends_module(type.at[skip - 1]))
		skip--;
	return (struct str){type.at + skip, type.len - skip};
}

static struct str module_of(struct str type)
{
	size_t len = type.len - error_class(type).len;

	while (len && ends_module(type.at[len - 1]))
		len--;
	return (struct str){type.at, len};
}

static bool has_end(struct str class, const char *const *ends, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_has_suffix(class, str_of(ends[i])))
			return true;
	return false;
}

/* Errors of the world around a program. */
bool is_error_elsewhere(struct str type)
{
	return str_eq(module_of(type), STR("Errno")) ||
	       str_is_listed(
		       error_class(type),
		       "OSError FileNotFoundError PermissionError "
		       "IsADirectoryError "
		       "NotADirectoryError FileExistsError ConnectionError "
		       "ConnectionRefusedError ConnectionResetError "
		       "BrokenPipeError "
		       "TimeoutError ImportError ModuleNotFoundError "
		       "SyntaxError "
		       "IndentationError AssertionError ConnectError "
		       "ConnectTimeout "
		       "ReadTimeout APIConnectionError APITimeoutError "
		       "MaxRetryError NewConnectionError AggregateError "
		       "LoadError "
		       "ReferenceError gaierror timeout URLError ProxyError "
		       "SSLCertVerificationError ConnectionAbortedError "
		       "UnicodeDecodeError MemoryError "
		       "RecursionError LoadError SocketError SSLError "
		       "OpenTimeout "
		       "EOFError IOError NoMemoryError SystemStackError "
		       "Interrupt "
		       "SignalException ConnectionFailed ParserError "
		       "ParseError "
		       "DivisionByZeroError ZeroDivisionError PDOException "
		       "JsonException ConnectException E_ERROR E_PARSE "
		       "E_COMPILE_ERROR");
}

struct str judged_type(const struct event *raise)
{
	return raise->cause.len && is_error_elsewhere(raise->type)
		       ? raise->cause
		       : raise->type;
}

/* Errors by which a client speaks of a connection, a limit, or what was asked
 * for: of no credential. */
bool is_error_of_request(struct str type)
{
	static const char *const ends[] = {
		"RateLimitError",	   "ConflictError", "BadRequestError",
		"OverloadedError",	   "NoSuchKey",	    "NoSuchBucket",
		"UnprocessableEntityError"};

	return is_error_of_address(type) ||
	       has_end(error_class(type), ends, sizeof ends / sizeof *ends);
}

bool is_error_of_address(struct str type)
{
	static const char *const ends[] = {"ConnectionError", "ConnectError",
					   "Timeout", "TimeoutError",
					   "NotFoundError"};

	return has_end(error_class(type), ends, sizeof ends / sizeof *ends);
}

/* Ruby's A::B and PHP's A\B: a program has namespaces of its own, where Python
 * has modules. */
static bool is_of_namespace(struct str type)
{
	struct str class = error_class(type);

	return class.at > type.at && class.at[-1] != '.';
}

/* Classes of errors by which a program complains about what it was given. */
bool is_complaint(struct str type)
{
	struct str module = module_of(type);

	if (str_is_listed(error_class(type),
			  "AssertionError KeyError TypeError ValueError "
			  "RuntimeError Error NameError Exception "
			  "ArgumentError NoMethodError IndexError "
			  "StandardError RuntimeException LogicException "
			  "InvalidArgumentException DomainException "
			  "UnexpectedValueException E_USER_ERROR"))
		return true;
	return !is_error_elsewhere(type) &&
	       (str_eq(module, STR("__main__")) || !module.len ||
		is_of_namespace(type));
}

bool has_part(struct str text, const char *part)
{
	return text.len && memmem(text.at, text.len, part, strlen(part));
}

/* Errors by which a client says that a credential is missing or refused. */
bool speaks_of_credential(struct str type)
{
	static const char *const parts[] = {
		"Auth",		"Credential", "ApiKey",		  "APIKey",
		"Unauthorized", "Forbidden",  "PermissionDenied", "Token"};
	struct str class = error_class(type);

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (has_part(class, parts[i]))
			return true;
	return false;
}

/* The same, of the name's own clients: by their classes where these are known.
 */
bool is_credential_error(struct str type, struct str name)
{
	const char *classes = errors_of_provider(name);

	if (classes)
		return str_is_listed(error_class(type), classes);
	return speaks_of_credential(type) &&
	       !has_part(error_class(type), "Limit");
}

bool is_setting_error(struct str type, struct str name)
{
	const char *classes = errors_of_setting(name);

	return classes && str_is_listed(error_class(type), classes);
}

bool is_http_status(struct str type)
{
	return str_is_listed(error_class(type),
			     "HTTPError HTTPStatusError ClientResponseError");
}

static struct source_owner owner_of_place(struct str site)
{
	struct str file = site_file(site);

	return find_source_owner(file.at, file.len);
}

/* httpx of httpx/_client, openai of openai.lib. */
static struct str first_part(struct str path, char separator)
{
	const char *end =
		path.len ? memchr(path.at, separator, path.len) : NULL;

	return (struct str){path.at, end ? (size_t)(end - path.at) : path.len};
}

static bool is_defined_by_client(struct str type, struct str name)
{
	struct str module = module_of(type);

	return is_client_of(module, name) ||
	       is_client_of(first_part(module, '.'), name);
}

/* The class of the error from which, or while handling which, a complaint of
 * the program was raised; len 0: none. */
static struct str wrapped_type(const struct event *raise)
{
	struct str type = raise->cause.len ? raise->cause : raise->context;

	return is_error_elsewhere(raise->type) ? (struct str){NULL, 0} : type;
}

static bool wraps_credential_error(const struct event *raise, struct str name)
{
	struct str wrapped = wrapped_type(raise);

	return wrapped.len && is_credential_error(wrapped, name) &&
	       is_defined_by_client(wrapped, name);
}

bool is_about_credential_of(const struct event *raise, struct str name)
{
	return is_credential_error(judged_type(raise), name) ||
	       wraps_credential_error(raise, name);
}

/* The package in whose code the error was raised, or which defines it. */
bool is_error_of_client(const struct event *raise, struct str name)
{
	struct source_owner f = owner_of_place(raise->site);

	return is_client_of((struct str){f.package, f.package_len}, name) ||
	       is_defined_by_client(judged_type(raise), name) ||
	       wraps_credential_error(raise, name);
}

/* --- HTTP clients ----------------------------------------------------------
 */

static const char http_clients[] =
	"requests httpx httpx2 httpcore httpcore2 urllib3 urllib http aiohttp "
	"axios undici "
	"node-fetch got superagent ky needle faraday httparty guzzlehttp";

/* A client of HTTP, installed or of the runtime, raised the error. */
bool is_error_of_http_client(const struct event *raise)
{
	struct source_owner f = owner_of_place(raise->site);
	struct str top = first_part(module_of(judged_type(raise)), '.');

	return str_is_listed(
		       first_part((struct str){f.package, f.package_len}, '/'),
		       http_clients) ||
	       str_is_listed(top, http_clients) ||
	       (f.owner == SOURCE_RUNTIME &&
		(has_part(raise->site, "undici") ||
		 has_part(raise->site, "_http_") ||
		 has_part(raise->site, "http/client")));
}

/* The words of these are the program's names, not its complaint. */
bool has_words_of_credential(const struct event *raise)
{
	return raise->credential &&
	       !str_is_listed(error_class(raise->type),
			      "KeyError AttributeError NameError TypeError "
			      "ReferenceError IndexError");
}

/* Errors of an operation on what is not there. */
bool is_of_missing_value(struct str type)
{
	return str_is_listed(error_class(type), "TypeError AttributeError");
}
