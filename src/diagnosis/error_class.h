/* What the class of an error that nobody caught speaks of. A class comes with
 * the module that defines it: openai.OpenAIError, Errno::ENOENT, Acme\Failure.
 */
#ifndef DIAGNOSIS_ERROR_CLASS_H
#define DIAGNOSIS_ERROR_CLASS_H

#include <stdbool.h>

#include "trace/event.h"

/* The class without its module. */
struct str error_class(struct str type);

/* The class of the error; of an error of the world around the program that was
 * raised from another error, the class of that error: `raise
 * ImportError("provider: ...") from openai_error`. */
struct str judged_type(const struct event *raise);

/* True when the text contains the part. */
bool has_part(struct str text, const char *part);

/* An error of the world around a program: of files, connections, imports. */
bool is_error_elsewhere(struct str type);

/* A client's error of a connection, a limit, or what was asked for. */
bool is_error_of_request(struct str type);

/* Such an error of a host that is down, or another than was meant. */
bool is_error_of_address(struct str type);

/* An operation on what is not there. */
bool is_of_missing_value(struct str type);

/* A class by which a program complains about what it was given, or a class of
 * the program's own. */
bool is_complaint(struct str type);

/* The words of the class speak of a credential. */
bool speaks_of_credential(struct str type);

/* The message speaks of a credential, as the recorder saw. */
bool has_words_of_credential(const struct event *raise);

/* The class is one by which clients of the name speak of a credential, or of
 * the setting itself. */
bool is_credential_error(struct str type, struct str name);
bool is_setting_error(struct str type, struct str name);

/* The answer of a server, by its status. */
bool is_http_status(struct str type);

/* The error, or an error that it wraps, is such an error of the name's client.
 */
bool is_about_credential_of(const struct event *raise, struct str name);

/* A client of the name, or of HTTP, raised the error or defines its class; or
 * the class of a wrapped error that speaks of a credential. */
bool is_error_of_client(const struct event *raise, struct str name);
bool is_error_of_http_client(const struct event *raise);

#endif
