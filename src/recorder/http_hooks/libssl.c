/* libssl's functions for the bytes inside TLS. The program and its libraries
 * call these by name, also where libssl was loaded later: the loader looks into
 * a preloaded library first. */
#include "recorder/http/http.h"
#include "recorder/lib/elf_scope.h"
#include "recorder/lib/str.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/http_place.h"

int SSL_read(void *ssl, void *bytes, int n);
int SSL_write(void *ssl, const void *bytes, int n);
int SSL_read_ex(void *ssl, void *bytes, size_t n, size_t *ret);
int SSL_write_ex(void *ssl, const void *bytes, size_t n, size_t *ret);

#define LIBSSL_FUNCTIONS(F)                                                    \
	F(SSL_read)                                                            \
	F(SSL_read_ex)                                                         \
	F(SSL_write)                                                           \
	F(SSL_write_ex)

enum function {
#define NUMBER(function) NUMBER_OF_##function,
	LIBSSL_FUNCTIONS(NUMBER)
#undef NUMBER
		FUNCTIONS
};

static const char names[FUNCTIONS][16] = {
#define NAME(function) #function,
	LIBSSL_FUNCTIONS(NAME)
#undef NAME
};

/* The function that a module calls. A process may have several libssl: wheels
 * of Python bring their own. Never changed after `module` is set: another
 * thread may read meanwhile. */
struct found {
	_Atomic uintptr_t module; /* base; 0: free; CLAIMED: being written */
	void *function;		  /* in `library`, which may be unloaded */
	uintptr_t library;	  /* base */
};

enum { MODULES = 8, CLAIMED = 1 };
static struct found found[FUNCTIONS][MODULES]
	__attribute__((section(".bss.seldom")));

static bool is_loaded(const struct found *f)
{
	struct module m;

	return elf_module(f->function, &m) && m.base == f->library;
}

/* Where the place is taken, the function is searched in each call. */
static void keep(struct found *f, const struct module *module, void *function)
{
	uintptr_t free = 0;
	struct module library;

	if (!function || !elf_module(function, &library) ||
	    !atomic_compare_exchange_strong(&f->module, &free, CLAIMED))
		return;
	f->function = function;
	f->library = library.base;
	atomic_store(&f->module, module->base);
}

static void *real_of(enum function which, const void *caller)
{
	const char *call = (const char *)caller - 1;
	struct module module;
	struct found *f;
	void *function;

	if (!elf_module(call, &module))
		return elf_in_scope_of(NULL, names[which]);
	f = &found[which][(module.base >> 12) % MODULES];
	if (atomic_load(&f->module) == module.base && is_loaded(f))
		return f->function;
	function = elf_in_scope_of(call, names[which]);
	keep(f, &module, function);
	return function;
}

/* Without a libssl nothing can be sent: the caller meets an error of TLS. */
#define LIBSSL(function, ...)                                                  \
	__extension__({                                                        \
		void *real = real_of(NUMBER_OF_##function, CALLER);            \
		real ? ((__typeof__(function) *)real)(__VA_ARGS__) : 0;        \
	})

static struct http_channel channel_of(const void *ssl, const char *fn,
				      const void *caller)
{
	return (struct http_channel){
		.key = (uintptr_t)ssl,
		.fd = -1,
		.call = {fn, caller, true, http_find_place}};
}

static void on_sent(const void *ssl, const void *bytes, size_t n,
		    const char *fn, const void *caller)
{
	struct http_channel channel = channel_of(ssl, fn, caller);

	http_sent(&channel, bytes, n);
}

static void on_received(const void *ssl, const void *bytes, size_t n,
			const char *fn, const void *caller)
{
	struct http_channel channel = channel_of(ssl, fn, caller);

	http_received(&channel, bytes, n);
}

EXPORT int SSL_write(void *ssl, const void *bytes, int n)
{
	int sent = LIBSSL(SSL_write, ssl, bytes, n);

	if (sent > 0)
		on_sent(ssl, bytes, (size_t)sent, "SSL_write", CALLER);
	return sent;
}

EXPORT int SSL_write_ex(void *ssl, const void *bytes, size_t n, size_t *ret)
{
	int result = LIBSSL(SSL_write_ex, ssl, bytes, n, ret);

	if (result > 0 && maybe_null(ret))
		on_sent(ssl, bytes, *ret, "SSL_write_ex", CALLER);
	return result;
}

EXPORT int SSL_read(void *ssl, void *bytes, int n)
{
	int got = LIBSSL(SSL_read, ssl, bytes, n);

	if (got > 0)
		on_received(ssl, bytes, (size_t)got, "SSL_read", CALLER);
	return got;
}

EXPORT int SSL_read_ex(void *ssl, void *bytes, size_t n, size_t *ret)
{
	int result = LIBSSL(SSL_read_ex, ssl, bytes, n, ret);

	if (result > 0 && maybe_null(ret))
		on_received(ssl, bytes, *ret, "SSL_read_ex", CALLER);
	return result;
}
