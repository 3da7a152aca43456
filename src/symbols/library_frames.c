#include "symbols/location.h"

/* libcurl asks for a program: the program's call is what can be edited. */
static bool is_system_library(struct str module)
{
	return str_has_prefix_listed(module,
				     "/usr/lib/ /usr/lib64/ /lib/ /lib64/") &&
	       memmem(module.at, module.len, ".so", 3);
}

bool is_library_frame(struct str module, const struct scope *scope)
{
	static const char modules[] =
		"libc.so. libc-2. libc.musl- ld-linux ld-musl- libpthread "
		"libstdc++.so libc++.so libgcc_s libkeytrail";
	static const char functions[] =
		"std:: core:: alloc:: <std:: <core:: <alloc:: __rustc:: "
		"rust_begin_unwind rust_panic _start __libc_start_";

	if (str_has_prefix_listed(str_base(module), modules) ||
	    is_system_library(module))
		return true;
	if (!scope)
		return false;
	/* The last line of a function of the program may belong to an inlined
	 * function. */
	return str_has_prefix_listed(scope->function, functions) ||
	       (str_has_prefix(scope->file, STR("/rustc/")) &&
		!memmem(scope->function.at, scope->function.len, "::", 2));
}
