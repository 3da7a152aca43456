#include "shared/segment_growth.h"

enum { PAGE = KT_SEGMENT_PAGE, HEAD = sizeof(struct kt_segment) };

static const char blank[PAGE] = {[0 ... PAGE - 1] = '\n'};

/* Page by page: a file written in larger pieces gets large folios, which each
 * process then maps and unmaps whole (Linux 6.18, ext4: 256 KiB more resident,
 * 25 us more a spawn). */
uint64_t segment_write_pages(segment_pwrite *write, long fd, uint64_t offset,
			     uint64_t most)
{
	uint64_t pages = 0;

	for (; pages < most; pages++, offset += PAGE) {
		long before = offset ? 0 : HEAD, n = PAGE - before;

		if (write(fd, blank, n, (long)offset + before) != n)
			break;
	}
	return pages;
}

bool segment_read_room(uint64_t digits, uint64_t *ret)
{
	uint64_t sealed;
	bool ok = kt_counter_of(digits, &sealed);

	*ret = ok ? kt_pages_of(sealed) * PAGE : 0;
	return *ret || (ok && sealed == kt_seal_pages(0));
}

uint64_t segment_whole_pages(uint64_t bytes)
{
	return bytes & ~(uint64_t)(PAGE - 1);
}

uint64_t segment_expected_use(uint64_t before, uint64_t now)
{
	return now > before ? 2 * (now - before) : 0;
}
