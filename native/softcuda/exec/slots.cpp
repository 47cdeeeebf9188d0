#include <algorithm>
#include <functional>
#include <map>
#include <queue>
#include <string>

#include "decode.h"
#include "slots.h"

// Liveness and a linear scan over it. Kernels have hundreds to thousands of registers of 128 or 256 bytes; a hundred live
// ones stay in the first-level cache. Liveness is a property of each thread's own path, so sharing a slot is safe while
// lanes are on different paths too: an operation only writes the lanes that run it. That holds for slots of one width; a lane's
// piece of a wider one is that of two other lanes of a narrower one.
namespace softcuda {

namespace {

using Bits = std::vector<uint64_t>;

struct BlockInfo {
  size_t begin, end;  // steps
  std::vector<size_t> next;
  Bits in, out, use, kill;
};

bool test(const Bits& b, size_t i) { return b[i / 64] >> (i % 64) & 1; }
void set(Bits& b, size_t i) { b[i / 64] |= uint64_t{1} << (i % 64); }
template <class F>
void each(const Bits& b, F f) {
  for (size_t w = 0; w < b.size(); ++w) {
    for (uint64_t rest = b[w]; rest != 0; rest &= rest - 1) f(64 * w + static_cast<size_t>(__builtin_ctzll(rest)));
  }
}

// Far beyond what nvcc writes for one kernel: it takes seconds and some hundred MB.
constexpr size_t kMostWords = size_t{1} << 23;  // blocks x words of a set of registers
constexpr size_t kMostWork = size_t{1} << 30;   // words looked at until the sets no longer change

// The registers of one part: a function has its own, since a thread is in it at most once, or keeps them on its stack.
class Scan {
 public:
  // apart: widths lie apart, else one behind the other as they come, in the first of the three.
  Scan(const Draft& draft, const Program& program, size_t part, const std::vector<size_t>& registers, std::vector<size_t>& local, bool apart)
      : draft_(draft), program_(program), registers_(registers), local_(local), apart_(apart), words_((registers.size() + 63) / 64),
        first_(draft.first_step_of(part)), end_(draft.first_step_of(part + 1)) {
    for (size_t i = 0; i < registers.size(); ++i) local_[registers[i]] = i;
  }

  // Places from the beginning of the part's pieces of the register file; returns their bytes.
  RegisterBytes run(std::vector<uint32_t>& offsets, std::vector<char>& placed, int& live) {
    find_blocks();
    if (blocks_.size() * words_ > kMostWords) too_large();
    for (auto& b : blocks_) b.in = b.out = b.use = b.kill = Bits(words_);
    solve();
    intervals();
    place(offsets, live);
    for (const size_t r : registers_) {
      placed[r] = intervals_[local_[r]].begin != SIZE_MAX || draft_.registers[r].bytes == 0 || draft_.registers[r].pinned;
    }
    return at_;
  }

 private:
  struct Interval {
    size_t begin = SIZE_MAX, end = 0;
  };

  [[noreturn]] void too_large() const {
    throw Failure(kInvalidPtx, "kernel '" + program_.name + "' is too large: " + std::to_string(draft_.registers.size()) + " registers and constants, " +
                                   std::to_string(draft_.steps.size()) + " operations in " + std::to_string(blocks_.size()) + " blocks");
  }

  bool colored(int r) const {
    const auto& reg = draft_.registers[static_cast<size_t>(r)];
    return reg.bytes != 0 && reg.constant < 0 && !reg.pinned;
  }

  template <class F>
  void operands(const Draft::Step& s, F f) const {
    const std::string& letters = s.operation->signature;
    for (size_t k = 0; k < s.registers.size(); ++k) {
      if (colored(s.registers[k])) f(local_[static_cast<size_t>(s.registers[k])], letters[k] >= 'A' && letters[k] <= 'Z');
    }
  }

  static bool ends_block(const std::string& key) { return key.compare(0, 4, "#bra") == 0 || key == "#brx" || key == "#exit" || key == "#return"; }

  void find_blocks() {
    std::vector<char> leader(end_ - first_ + 1, 0);
    leader[0] = 1;
    for (size_t i = first_; i < end_; ++i) {
      if (ends_block(draft_.steps[i].operation->key)) leader[i + 1 - first_] = 1;
      for (const size_t t : jumps(i)) leader[t - first_] = 1;
    }
    std::vector<size_t> block_at(end_ - first_ + 1, 0);
    for (size_t i = first_; i < end_; ++i) {
      if (leader[i - first_]) {
        blocks_.push_back({i, i, {}, {}, {}, {}, {}});
      }
      block_at[i - first_] = blocks_.size() - 1;
      blocks_.back().end = i + 1;
    }
    for (auto& b : blocks_) {
      const auto& last = draft_.steps[b.end - 1];
      const std::string& key = last.operation->key;
      for (const size_t t : jumps(b.end - 1)) b.next.push_back(block_at[t - first_]);
      std::sort(b.next.begin(), b.next.end());
      b.next.erase(std::unique(b.next.begin(), b.next.end()), b.next.end());
      const bool leaves = key == "#bra" || key == "#brx" || key == "#exit" || key == "#return";
      if (!leaves && b.end < end_) b.next.push_back(block_at[b.end - first_]);
    }
  }

  std::vector<size_t> jumps(size_t i) const {
    const auto& s = draft_.steps[i];
    std::vector<size_t> to;
    if (s.skip_to >= 0) to.push_back(draft_.first_step[static_cast<size_t>(s.skip_to)]);
    if (s.operation->key == "#brx") {
      for (const uint32_t t : static_cast<const BranchTable*>(s.extra)->targets) to.push_back(draft_.first_step[t]);
    }
    return to;
  }

  void solve() {
    for (auto& b : blocks_) {
      for (size_t i = b.begin; i < b.end; ++i) {
        const auto& s = draft_.steps[i];
        if (s.removed) continue;
        operands(s, [&](size_t r, bool written) {
          // A guarded result keeps the old value in the other lanes.
          if ((!written || s.guarded) && !test(b.kill, r)) set(b.use, r);
        });
        operands(s, [&](size_t r, bool written) {
          if (written && !s.guarded) set(b.kill, r);
        });
      }
    }
    size_t work = 0;
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t k = blocks_.size(); k-- > 0;) {
        auto& b = blocks_[k];
        if ((work += (b.next.size() + 1) * words_) > kMostWork) too_large();
        for (const size_t n : b.next) {
          for (size_t w = 0; w < words_; ++w) b.out[w] |= blocks_[n].in[w];
        }
        for (size_t w = 0; w < words_; ++w) {
          const uint64_t v = b.use[w] | (b.out[w] & ~b.kill[w]);
          if (v != b.in[w]) {
            b.in[w] = v;
            changed = true;
          }
        }
      }
    }
  }

  // Positions: a step reads at 2 * step and writes at 2 * step + 1.
  void intervals() {
    intervals_.resize(registers_.size());
    const auto extend = [&](size_t r, size_t at) {
      intervals_[r].begin = std::min(intervals_[r].begin, at);
      intervals_[r].end = std::max(intervals_[r].end, at);
    };
    for (const auto& b : blocks_) {
      each(b.in, [&](size_t r) { extend(r, 2 * b.begin); });
      each(b.out, [&](size_t r) { extend(r, 2 * b.end - 1); });
      for (size_t i = b.begin; i < b.end; ++i) {
        const auto& s = draft_.steps[i];
        if (s.removed) continue;
        const std::string& letters = s.operation->signature;
        const bool apart = !letters.empty() && letters.back() == '!';
        operands(s, [&](size_t r, bool written) { extend(r, written || apart ? 2 * i + 1 : 2 * i); });
      }
    }
  }

  void place(std::vector<uint32_t>& offsets, int& most) {
    std::vector<size_t> order;
    for (size_t r = 0; r < registers_.size(); ++r) {
      if (intervals_[r].begin != SIZE_MAX) order.push_back(r);
    }
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      return intervals_[a].begin != intervals_[b].begin ? intervals_[a].begin < intervals_[b].begin : a < b;
    });
    using Active = std::pair<size_t, size_t>;  // end, register
    std::priority_queue<Active, std::vector<Active>, std::greater<Active>> active;
    std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<uint32_t>> free[2];
    int live = 0;
    for (const size_t r : order) {
      while (!active.empty() && active.top().first < intervals_[r].begin) {
        const size_t gone = active.top().second;
        active.pop();
        const int bytes = draft_.registers[registers_[gone]].bytes;
        free[bytes == 8].push(offsets[registers_[gone]]);
        live -= bytes / 4;
      }
      const int bytes = draft_.registers[registers_[r]].bytes;
      auto& pool = free[bytes == 8];
      if (pool.empty()) {
        offsets[registers_[r]] = take(bytes);
      } else {
        offsets[registers_[r]] = pool.top();
        pool.pop();
      }
      active.push({intervals_[r].end, r});
      live += bytes / 4;
      most = std::max(most, live);
    }
    for (const size_t r : registers_) {
      if (draft_.registers[r].bytes != 0 && draft_.registers[r].pinned) offsets[r] = take(draft_.registers[r].bytes);
    }
    for (const size_t r : registers_) {
      if (draft_.registers[r].bytes == 0) offsets[r] = take(0);
    }
  }

  uint32_t take(int bytes) {
    size_t& at = at_[apart_ ? width_of(bytes) : 0];
    const auto here = static_cast<uint32_t>(at);
    at += bytes == 0 ? 4 : static_cast<size_t>(bytes) * 32;
    if (at > kLargestFile) too_large();
    return here;
  }

  const Draft& draft_;
  const Program& program_;
  const std::vector<size_t>& registers_;
  std::vector<size_t>& local_;  // of all registers, the place in registers_
  bool apart_;
  size_t words_, first_, end_;
  std::vector<BlockInfo> blocks_;
  std::vector<Interval> intervals_;
  RegisterBytes at_{};
};

}  // namespace

RegisterBytes place_registers(const Draft& draft, const Program& program, size_t part, const std::vector<size_t>& registers, bool apart, Slots& slots) {
  return Scan(draft, program, part, registers, slots.local, apart).run(slots.offsets, slots.placed, slots.live);
}

}  // namespace softcuda
