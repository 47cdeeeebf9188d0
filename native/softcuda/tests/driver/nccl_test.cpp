// Ranks that are processes: this program starts itself once a rank, and looks at what each says.
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

#include "nccl_ranks.h"

namespace {

Id new_id() {
  Id id;
  CHECK_EQUAL(0, ncclGetUniqueId(&id));
  return id;
}

// Runs a program on so many ranks; what each said. A rank that does not end within a minute is a failure.
std::vector<std::string> run_ranks(const char* program, int ranks) {
  const Id id = new_id();
  std::vector<pid_t> processes;
  std::vector<std::string> files, said;
  for (int r = 0; r < ranks; ++r) {
    files.push_back("/tmp/nccl_test-" + std::to_string(getpid()) + "-" + std::to_string(r));
    const std::string number = std::to_string(r), all = std::to_string(ranks);
    const pid_t child = fork();
    if (child == 0) {
      if (freopen(files.back().c_str(), "w", stdout) == nullptr) _exit(2);
      execl("/proc/self/exe", "nccl_test", program, id.bytes, all.c_str(), number.c_str(), nullptr);
      _exit(2);
    }
    processes.push_back(child);
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  for (int r = 0; r < ranks; ++r) {
    int status = 0;
    pid_t done = 0;
    while ((done = waitpid(processes[r], &status, WNOHANG)) == 0 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (done == 0) {
      kill(processes[r], SIGKILL);
      waitpid(processes[r], &status, 0);
    }
    std::stringstream text;
    text << std::ifstream(files[r]).rdbuf();
    unlink(files[r].c_str());
    said.push_back(text.str());
    const bool dies = strcmp(program, "killed") == 0 && r == 1;
    if (dies ? !WIFSIGNALED(status) : status != 0) {
      printf("%s, rank %d, status %x: %s\n", program, r, status, said.back().c_str());
      CHECK(false);
    }
  }
  return said;
}

TEST(two_ranks_agree) { run_ranks("everything", 2); }
TEST(four_ranks_agree) { run_ranks("everything", 4); }
TEST(a_rank_may_be_alone) { run_ranks("everything", 1); }
TEST(graphs_take_collectives) { run_ranks("captured", 2); }

TEST(other_counts_name_both_sides) {
  const std::vector<std::string> said = run_ranks("other_count", 2);
  const bool first = said[0].find("rank 0 is in ncclRecv of 40 bytes from rank 1, and what comes from rank 1 is of its ncclSend of 80 bytes to rank 0") != std::string::npos;
  const bool second = said[0].find("rank 1 is in ncclRecv of 80 bytes from rank 0, and what comes from rank 0 is of its ncclSend of 40 bytes to rank 1") != std::string::npos;
  CHECK(first || second);
  CHECK_CONTAINS(said[0], "both sides name the same bytes");
  CHECK_CONTAINS(said[1], "both sides name the same bytes");
}

TEST(other_collectives_name_both_sides) {
  for (const std::string& said : run_ranks("other_collective", 2)) {
    CHECK_CONTAINS(said, "collective call 1 of rank ");
    CHECK_CONTAINS(said, "ncclBroadcast of 80 bytes from rank 0");
    CHECK_CONTAINS(said, "ncclAllReduce of 80 bytes of type 7");
  }
}

TEST(ranks_that_wait_for_each_other_are_named) {
  for (const std::string& said : run_ranks("each_waits", 2)) {
    CHECK_CONTAINS(said, "ncclRecv of 80 bytes from rank 1");
    CHECK_CONTAINS(said, "ncclBroadcast of 80 bytes from rank 0");
    CHECK_CONTAINS(said, "neither can end");
  }
}

TEST(freed_memory_fails_on_both_sides) {
  for (const std::string& said : run_ranks("freed", 2)) {
    CHECK_CONTAINS(said, "rank 0 is in ncclSend of 400 bytes to rank 1: ");
    CHECK_CONTAINS(said, "freed");
  }
}

TEST(a_killed_rank_is_an_error) { CHECK_CONTAINS(run_ranks("killed", 2)[0], "rank 1 has ended without leaving the group"); }
TEST(a_rank_that_left_is_an_error) { CHECK_CONTAINS(run_ranks("left", 2)[0], "and rank 1 has left the group"); }

TEST(an_aborted_rank_ends_the_others) {
  const std::vector<std::string> said = run_ranks("aborted", 3);
  CHECK_CONTAINS(said[0], "rank 0 has aborted the group");
  CHECK_CONTAINS(said[1], "rank 0 has aborted the group");
  CHECK_CONTAINS(said[2], "rank 0 has aborted the group");
}

TEST(two_ranks_of_a_device_are_refused) {
  const Id id = new_id();
  void* communicators[2] = {};
  int results[2] = {};
  CHECK_EQUAL(1, ncclCommInitRank(&communicators[0], 2, id, 0));
  CHECK_CONTAINS(std::string(ncclGetLastError(nullptr)), "the rank's device is that of the current context");
  const TestContext context;
  std::thread other([&] {
    const TestContext another;
    results[1] = ncclCommInitRank(&communicators[1], 2, id, 1);
  });
  results[0] = ncclCommInitRank(&communicators[0], 2, id, 0);
  CHECK_CONTAINS(std::string(ncclGetLastError(nullptr)), "ranks 0 and 1 are both on device 0 of one process");
  other.join();
  CHECK_EQUAL(5, results[0]);
  CHECK_EQUAL(5, results[1]);
}

TEST(wrong_arguments_are_said) {
  int version = 0;
  CHECK_EQUAL(0, ncclGetVersion(&version));
  CHECK_EQUAL(22803, version);
  CHECK_EQUAL(4, ncclGetVersion(nullptr));
  void* communicator = nullptr;
  CHECK_EQUAL(4, ncclCommInitRank(&communicator, 2, Id{}, 0));
  CHECK_CONTAINS(std::string(ncclGetLastError(nullptr)), "none of this library's ncclGetUniqueId");
  CHECK_EQUAL(4, ncclCommInitRank(&communicator, 2, new_id(), 2));
  CHECK_EQUAL(4, ncclSend(nullptr, 1, kFloat, 0, &version, nullptr));
  CHECK_CONTAINS(std::string(ncclGetLastError(nullptr)), "no communicator");
  CHECK_EQUAL(5, ncclGroupEnd());
  CHECK_CONTAINS(std::string(ncclGetErrorString(6)), "remote process");
  TestContext context;
  CHECK_EQUAL(0, ncclCommInitRank(&communicator, 1, new_id(), 0));
  CHECK_EQUAL(4, ncclSend(nullptr, 1, kFloat, 0, communicator, nullptr));
  CHECK_EQUAL(4, ncclAllReduce(nullptr, nullptr, 1, 6, kSum, communicator, nullptr));
  CHECK_CONTAINS(std::string(ncclGetLastError(communicator)), "sums ints, longs, floats and doubles");
  CHECK_EQUAL(4, ncclAllReduce(nullptr, nullptr, 1, kFloat, 1, communicator, nullptr));
  CHECK_EQUAL(0, ncclCommDestroy(communicator));
  CHECK_EQUAL(4, ncclCommDestroy(communicator));
}

}  // namespace

int main(int count, char** words) {
  if (count == 5) {
    Id id = {};
    snprintf(id.bytes, sizeof id.bytes, "%s", words[2]);
    return run_rank(words[1], id, atoi(words[3]), atoi(words[4]));
  }
  return run_all();
}
