/* The functions of libdw, loaded at first use: keytrail starts on hosts without
 * elfutils, and does not spend the time of loading elfutils and its libraries.
 * For elfutils.c and the files beside it. */
#ifndef SYMBOLS_LIBDW_H
#define SYMBOLS_LIBDW_H

#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>

#include "base/arena.h"

#define LIBDW_FUNCTIONS(F)                                                     \
	F(dwarf_attr)                                                          \
	F(dwarf_attr_integrate)                                                \
	F(dwarf_child)                                                         \
	F(dwarf_diename)                                                       \
	F(dwarf_filesrc)                                                       \
	F(dwarf_formstring)                                                    \
	F(dwarf_formudata)                                                     \
	F(dwarf_getsrc_die)                                                    \
	F(dwarf_getsrcfiles)                                                   \
	F(dwarf_haspc)                                                         \
	F(dwarf_lineno)                                                        \
	F(dwarf_linesrc)                                                       \
	F(dwarf_siblingof)                                                     \
	F(dwarf_tag)                                                           \
	F(dwfl_begin)                                                          \
	F(dwfl_end)                                                            \
	F(dwfl_module_addrdie)                                                 \
	F(dwfl_module_addrinfo)                                                \
	F(dwfl_module_build_id)                                                \
	F(dwfl_module_nextcu)                                                  \
	F(dwfl_offline_section_address)                                        \
	F(dwfl_report_begin)                                                   \
	F(dwfl_report_elf) F(dwfl_report_end) F(dwfl_standard_find_debuginfo)

extern struct libdw_functions {
#define MEMBER(function) __typeof__(function) *function;
	LIBDW_FUNCTIONS(MEMBER)
#undef MEMBER
} dw;

struct elf {
	struct arena *arena;
	Dwfl *dwfl;
	Dwfl_Module *module;
};

#endif
