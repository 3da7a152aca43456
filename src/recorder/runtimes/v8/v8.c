#include "recorder/runtimes/v8/v8.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/lib/str.h"
#include "recorder/runtimes/v8/v8_functions.h"

struct v8_functions v8;

/* Node 24 and later have only the constructor with flags. */
static void *find_text(void)
{
	void *found = elf_symbol("_ZN2v86String9Utf8ValueC1EPNS_7IsolateENS_"
				 "5LocalINS_5ValueEEE");

	return found ? found
		     : elf_symbol("_ZN2v86String9Utf8ValueC1EPNS_7IsolateENS"
				  "_5LocalINS_5ValueEEENS0_12WriteOptionsE");
}

bool v8_find(void)
{
	*(void **)&v8.text = find_text();
	return v8.text && elf_symbols(V8_FUNCTIONS(ELF_NAME), (void **)&v8);
}

void *v8_current(void)
{
	return v8.current();
}

bool v8_runs(void *isolate)
{
	return isolate && isolate == v8.current() && v8.in_context(isolate);
}

void v8_text(void *isolate, local string, struct v8_text *ret)
{
	ret->bytes = NULL;
	if (string)
		v8.text(ret, isolate, string, 0);
}

/* Overwrites the text before V8 frees the memory: the text may be a value. */
void v8_text_end(struct v8_text *t)
{
	if (!t->bytes)
		return;
	__builtin_memset((char *)(uintptr_t)t->bytes, 0, str_length(t->bytes));
	__asm__ volatile("" : : "r"(t->bytes) : "memory");
	v8.text_end(t);
}

int v8_text_length(local string)
{
	return v8.text_length(string);
}

uint32_t v8_length(local array)
{
	return v8.length(array);
}

local v8_element(void *isolate, local array, uint32_t i)
{
	return v8.element(array, v8.context(isolate), i);
}
