#include "shared/file_system.h"

#include <linux/magic.h>

#ifndef XFS_SUPER_MAGIC /* Linux headers before 5.11 */
#define XFS_SUPER_MAGIC 0x58465342
#endif

bool file_system_is_coherent(unsigned long type)
{
	switch (type) {
	case EXT4_SUPER_MAGIC:
	case XFS_SUPER_MAGIC:
	case BTRFS_SUPER_MAGIC:
	case TMPFS_MAGIC:
	case OVERLAYFS_SUPER_MAGIC:
		return true;
	}
	return false;
}
