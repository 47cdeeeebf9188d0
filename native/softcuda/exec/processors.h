#pragma once
#include <string>

namespace softcuda {

// How many processors this process may use, at least 1: those of its affinity, and no more than the CPU quota of its control groups allows,
// rounded up, as the JVM counts them. The machine may have many more.
int available_processors();

// The quota of control groups, in processors, of version 2 (cpu.max) or 1 (cpu.cfs_quota_us) whichever there is; the tightest of the group
// and those above it. 0: there is none. `groups` is the file /proc/self/cgroup, `mounts` the folder /sys/fs/cgroup.
double quota_of(const std::string& groups, const std::string& mounts);

}  // namespace softcuda
