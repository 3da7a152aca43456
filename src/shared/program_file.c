#include "shared/program_file.h"

#include "shared/text.h"

/* --- ELF ------------------------------------------------------------------ */

static const Elf64_Ehdr *header_of(const struct program_head *h)
{
	return (const void *)h->bytes;
}

/* Program headers outside the head are read over the head. */
static void read_segments(struct program_head *h)
{
	uint64_t offset = header_of(h)->e_phoff, size = sizeof(Elf64_Phdr);
	size_t count = header_of(h)->e_phnum, have;

	h->type = header_of(h)->e_type;
	if (offset % 8 || offset >= (uint64_t)h->n ||
	    count * size > (uint64_t)h->n - offset) {
		long n = h->read_at(h->fd, h->bytes, sizeof h->bytes, offset);

		have = n > 0 ? (size_t)n / size : 0;
		count = count < have ? count : have;
		offset = 0;
		h->n = 0;
	}
	h->segments.at = (const void *)(h->bytes + offset);
	h->segments.count = count;
}

/* A file shorter than the ELF header is torn. */
bool program_head_read(program_read_at *read_at, long fd,
		       struct program_head *ret)
{
	ret->read_at = read_at;
	ret->fd = fd;
	ret->n = read_at(fd, ret->bytes, sizeof ret->bytes, 0);
	ret->is_elf =
		ret->n > EI_CLASS && bytes_equal(ret->bytes, ELFMAG, SELFMAG);
	if (!ret->is_elf)
		return false;
	if (header_of(ret)->e_ident[EI_CLASS] != ELFCLASS64)
		return false;
	ret->is_elf = ret->n >= (long)sizeof(Elf64_Ehdr);
	if (!ret->is_elf || header_of(ret)->e_machine != EM_X86_64)
		return false;
	read_segments(ret);
	return true;
}

const Elf64_Phdr *program_segment(const struct program_head *h, uint32_t type)
{
	for (size_t i = 0; i < h->segments.count; i++)
		if (h->segments.at[i].p_type == type)
			return &h->segments.at[i];
	return NULL;
}

static uint64_t file_offset(const struct program_head *h, uint64_t address)
{
	const Elf64_Phdr *s = h->segments.at;

	for (size_t i = 0; i < h->segments.count; i++, s++)
		if (s->p_type == PT_LOAD && address - s->p_vaddr < s->p_filesz)
			return address - s->p_vaddr + s->p_offset;
	return 0;
}

__attribute__((noinline)) struct program_dynamic
program_dynamic(const struct program_head *h)
{
	enum { ENTRIES = 48 };
	const Elf64_Phdr *dynamic = program_segment(h, PT_DYNAMIC);
	struct program_dynamic ret = {.needed = 0};
	Elf64_Dyn d[ENTRIES];
	long n = 0;

	if (dynamic)
		n = h->read_at(h->fd, d, sizeof d, dynamic->p_offset);
	for (long i = 0; i < n / (long)sizeof *d && d[i].d_tag; i++) {
		if (d[i].d_tag == DT_NEEDED && !ret.needed)
			ret.needed = d[i].d_un.d_val;
		if (d[i].d_tag == DT_STRTAB)
			ret.strings = file_offset(h, d[i].d_un.d_ptr);
		if (d[i].d_tag == DT_VERNEED)
			ret.versions = file_offset(h, d[i].d_un.d_ptr);
		if (d[i].d_tag == DT_FLAGS_1)
			ret.is_program = d[i].d_un.d_val & DF_1_PIE;
	}
	return ret;
}

/* Compilers name the runtime as the first library of a program. */
static void read_runtime(const struct program_head *h, char ret[RUNTIME_BYTES])
{
	struct program_dynamic d = program_dynamic(h);
	long n;

	if (!d.needed || !d.strings)
		return;
	n = h->read_at(h->fd, ret, RUNTIME_BYTES, d.strings + d.needed);
	if (n < RUNTIME_BYTES || !str_has_char(ret, RUNTIME_BYTES, '\0') ||
	    !sanitizer_must_be_first(ret, str_length(ret)))
		ret[0] = '\0';
}

/* glibc's loader is ld-linux-*.so.2, or ld-2.31.so where a distribution of old
 * names the file itself. */
static enum libc libc_of(const char *loader)
{
	const char *name = base_name(loader);

	if (str_begins(name, "ld-musl"))
		return LIBC_MUSL;
	if (str_begins(name, "ld-linux") || str_begins(name, "ld-2."))
		return LIBC_GLIBC;
	return LIBC_OTHER;
}

/* A loader whose name cannot be read is taken for glibc's. The name lies in the
 * head, as a rule: reading the name again would be one more system call. */
static __attribute__((noinline)) enum libc
read_libc(const struct program_head *h)
{
	const Elf64_Phdr *interp = program_segment(h, PT_INTERP);
	char loader[INTERPRETER_BYTES];
	uint64_t at, n;

	if (!interp || interp->p_filesz < 2)
		return LIBC_GLIBC;
	at = interp->p_offset;
	n = interp->p_filesz;
	if (at < (uint64_t)h->n && n <= (uint64_t)h->n - at &&
	    !h->bytes[at + n - 1])
		return libc_of(h->bytes + at);
	n = n < sizeof loader ? n : sizeof loader;
	if (h->read_at(h->fd, loader, n, at) != (long)n)
		return LIBC_GLIBC;
	loader[n - 1] = '\0';
	return libc_of(loader);
}

static bool is_loader(const struct program_head *h)
{
	return h->type == ET_DYN && program_segment(h, PT_DYNAMIC) &&
	       !program_dynamic(h).is_program;
}

/* Where no program header can be read, the program is taken for the usual. */
static void look_at_elf(const struct program_head *h, struct program_file *ret)
{
	if (h->segments.count && !program_segment(h, PT_INTERP)) {
		ret->kind = KT_TARGET_STATIC;
		ret->is_loader = is_loader(h);
		return;
	}
	ret->libc = read_libc(h);
	ret->kind = ret->libc == LIBC_OTHER ? KT_TARGET_OTHER_LIBC
					    : KT_TARGET_DYNAMIC;
	read_runtime(h, ret->runtime);
}

/* --- scripts -------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void look_at_script(const char *head, long n,
			   char ret[INTERPRETER_BYTES])
{
	long from = 2, to;

	while (from < n && is_blank(head[from]))
		from++;
	for (to = from;
	     to < n && head[to] && head[to] != '\n' && !is_blank(head[to]);)
		to++;
	if (to - from >= INTERPRETER_BYTES)
		return;
	__builtin_memcpy(ret, head + from, (size_t)(to - from));
	ret[to - from] = '\0';
}

/* --- both ----------------------------------------------------------------- */

__attribute__((noinline)) void
program_file_read(program_read_at *read_at, long fd, struct program_file *ret)
{
	struct program_head h;

	ret->kind = KT_TARGET_UNKNOWN;
	ret->libc = LIBC_NONE;
	ret->is_loader = false;
	ret->runtime[0] = ret->interpreter[0] = '\0';
	if (program_head_read(read_at, fd, &h))
		look_at_elf(&h, ret);
	else if (h.is_elf)
		ret->kind = KT_TARGET_OTHER_CLASS;
	else if (h.n > 2 && bytes_equal(h.bytes, "#!", 2))
		look_at_script(h.bytes, h.n, ret->interpreter);
	ret->is_elf = h.is_elf;
}

/* --- the search ----------------------------------------------------------- */

bool program_path_next(const char **dirs, const char *file, char *to,
		       size_t size)
{
	const char *at = *dirs, *end = at;
	size_t n;

	if (!at)
		return false;
	while (*end && *end != ':')
		end++;
	n = (size_t)(end - at);
	*dirs = *end ? end + 1 : NULL;
	to[0] = '\0';
	if (n + str_length(file) + 2 > size)
		return true;
	__builtin_memcpy(to, at, n);
	to[n] = '\0';
	if (n)
		str_append(to, size, "/");
	str_append(to, size, file);
	return true;
}
