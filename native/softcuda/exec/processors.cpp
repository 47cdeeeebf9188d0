#include "processors.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <thread>
#include <vector>

namespace softcuda {
namespace {

int affinity() {
  // The mask must hold all processors of the kernel, of which there may be more than a cpu_set_t has.
  for (int processors = CPU_SETSIZE; processors <= 1 << 16; processors *= 2) {
    cpu_set_t* const set = CPU_ALLOC(static_cast<size_t>(processors));
    if (set == nullptr) break;
    const size_t bytes = CPU_ALLOC_SIZE(static_cast<size_t>(processors));
    const int result = sched_getaffinity(0, bytes, set);
    const int count = result == 0 ? CPU_COUNT_S(bytes, set) : 0;
    CPU_FREE(set);
    if (result == 0) return count;
  }
  return static_cast<int>(std::thread::hardware_concurrency());
}

// "max 100000" or "150000 100000"; 0 where there is no limit.
double quota_v2(const std::string& folder) {
  std::ifstream file(folder + "/cpu.max");
  double quota = 0, period = 0;
  return file >> quota >> period && quota > 0 && period > 0 ? quota / period : 0;
}

double quota_v1(const std::string& folder) {
  std::ifstream quota_file(folder + "/cpu.cfs_quota_us"), period_file(folder + "/cpu.cfs_period_us");
  double quota = 0, period = 0;
  return quota_file >> quota && period_file >> period && quota > 0 && period > 0 ? quota / period : 0;
}

// The tightest quota of the group and of all above it. In a container the group's path may be the host's, of which only the mount's root is
// visible: folders that are not there have no quota.
template <class Quota>
double tightest(const std::string& mount, std::string group, Quota quota) {
  double least = 0;
  for (;;) {
    const double here = quota(mount + (group == "/" ? "" : group));
    if (here > 0 && (least == 0 || here < least)) least = here;
    const size_t slash = group.rfind('/');
    if (group.size() <= 1 || slash == std::string::npos) return least;
    group = slash == 0 ? "/" : group.substr(0, slash);
  }
}

bool names_cpu(const std::string& controllers) {
  const std::string list = "," + controllers + ",";
  return list.find(",cpu,") != std::string::npos;
}

}  // namespace

double quota_of(const std::string& groups, const std::string& mounts) {
  std::ifstream file(groups);
  double least = 0;
  const auto take = [&least](double quota) {
    if (quota > 0 && (least == 0 || quota < least)) least = quota;
  };
  // Lines of "number:controllers:path"; version 2 has no controllers there.
  for (std::string line; std::getline(file, line);) {
    const size_t first = line.find(':'), second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1), path = line.substr(second + 1);
    if (controllers.empty()) {
      take(tightest(mounts, path, quota_v2));
      take(tightest(mounts + "/unified", path, quota_v2));
    } else if (names_cpu(controllers)) {
      for (const std::string& mount : {controllers, std::string("cpu"), std::string("cpu,cpuacct")}) take(tightest(mounts + "/" + mount, path, quota_v1));
    }
  }
  return least;
}

int available_processors() {
  const int processors = std::max(1, affinity());
  const double quota = quota_of("/proc/self/cgroup", "/sys/fs/cgroup");
  return quota > 0 ? std::max(1, std::min(processors, static_cast<int>(std::ceil(quota)))) : processors;
}

}  // namespace softcuda
