#include "symbols/location.h"

static bool begins_with_any(struct str s, const char *const *words)
{
	for (; *words; words++)
		if (str_has_prefix(s, str_of(*words)))
			return true;
	return false;
}

/* libcurl asks for a program: the program's call is what can be edited. */
static bool is_system_library(struct str module)
{
	static const char *const folders[] = {"/usr/lib/", "/usr/lib64/",
					      "/lib/", "/lib64/", NULL};

	return begins_with_any(module, folders) &&
	       memmem(module.at, module.len, ".so", 3);
}

bool is_library_frame(struct str module, const struct scope *scope)
{
	static const char *const modules[] = {
		"libc.so.",	"libc-2.",   "libc.musl-",
		"ld-linux",	"ld-musl-",  "libpthread",
		"libstdc++.so", "libc++.so", "libgcc_s",
		"libkeytrail",	NULL};
	static const char *const functions[] = {
		"std::",      "core::",	  "alloc::",	   "<std::",
		"<core::",    "<alloc::", "__rustc::",	   "rust_begin_unwind",
		"rust_panic", "_start",	  "__libc_start_", NULL};

	if (begins_with_any(str_base(module), modules) ||
	    is_system_library(module))
		return true;
	if (!scope)
		return false;
	/* The last line of a function of the program may belong to an inlined
	 * function. */
	return begins_with_any(scope->function, functions) ||
	       (str_has_prefix(scope->file, STR("/rustc/")) &&
		!memmem(scope->function.at, scope->function.len, "::", 2));
}
