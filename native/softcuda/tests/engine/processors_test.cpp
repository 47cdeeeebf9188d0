#include <sched.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "../../exec/options.h"
#include "../../exec/processors.h"
#include "check.h"

// How many processors a process may use: its affinity, and the quotas of control groups of both versions.
using softcuda::available_processors;
using softcuda::Options;
using softcuda::quota_of;

namespace {

// A folder with the files of control groups; removed with its contents.
class Folder {
 public:
  Folder() : path_(mkdtemp(name_)) {}
  ~Folder() { std::filesystem::remove_all(path_); }
  void write(const std::string& name, const std::string& text) const {
    const auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  double quota(const std::string& groups) const {
    write("cgroup", groups);
    return quota_of(path_ / "cgroup", path_);
  }

 private:
  char name_[32] = "/tmp/softcuda-cgroup-XXXXXX";
  const std::filesystem::path path_;
};

}  // namespace

TEST("processors: the quota of version 2 is the tightest on the way to the root") {
  const Folder folder;
  EQUAL(folder.quota("0::/user/job\n"), 0.0);
  folder.write("user/job/cpu.max", "max 100000\n");
  EQUAL(folder.quota("0::/user/job\n"), 0.0);
  folder.write("user/cpu.max", "250000 100000\n");
  EQUAL(folder.quota("0::/user/job\n"), 2.5);
  folder.write("user/job/cpu.max", "400000 100000\n");
  EQUAL(folder.quota("0::/user/job\n"), 2.5);
  folder.write("user/job/cpu.max", "50000 100000\n");
  EQUAL(folder.quota("0::/user/job\n"), 0.5);
}

TEST("processors: in a container the quota lies at the root of the mount") {
  const Folder folder;
  folder.write("cpu.max", "200000 100000\n");
  EQUAL(folder.quota("0::/\n"), 2.0);
  EQUAL(folder.quota("0::/../host/path\n"), 2.0);
}

TEST("processors: the quota of version 1") {
  const Folder folder;
  folder.write("cpu,cpuacct/job/cpu.cfs_quota_us", "-1\n");
  folder.write("cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
  EQUAL(folder.quota("3:memory:/job\n2:cpu,cpuacct:/job\n"), 0.0);
  folder.write("cpu,cpuacct/job/cpu.cfs_quota_us", "300000\n");
  EQUAL(folder.quota("3:memory:/job\n2:cpu,cpuacct:/job\n"), 3.0);
  EQUAL(folder.quota("3:cpuset:/job\n"), 0.0);
  EQUAL(folder.quota("nonsense"), 0.0);
}

TEST("processors: affinity") {
  cpu_set_t before, one;
  CHECK(sched_getaffinity(0, sizeof before, &before) == 0);
  CHECK(available_processors() >= 1 && available_processors() <= CPU_COUNT(&before));
  CPU_ZERO(&one);
  for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++i) {
    if (CPU_ISSET(i, &before)) CPU_SET(i, &one);
  }
  CHECK(sched_setaffinity(0, sizeof one, &one) == 0);
  EQUAL(available_processors(), 1);
  CHECK(sched_setaffinity(0, sizeof before, &before) == 0);
}

TEST("processors: the workers follow, unless their number was chosen") {
  Options options;
  options.set("processors", "3");
  EQUAL(options.workers, 3);
  options.set("processors", "1000");
  EQUAL(options.workers, 256);
  options.set("workers", "2");
  options.set("processors", "5");
  EQUAL(options.workers, 2);
  EQUAL(options.processors, 5);
  for (const char* wrong : {"0", "-1", "many", ""}) {
    bool refused = false;
    try {
      options.set("processors", wrong);
    } catch (const std::invalid_argument&) {
      refused = true;
    }
    CHECK(refused);
  }
}
