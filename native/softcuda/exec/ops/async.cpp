#include "address.h"

// cp.async: the bytes move at the wait, as late as the hardware may, so that a missing wait shows.
namespace softcuda {
namespace SOFTCUDA_ISA {
namespace {

// Operands: shared address, global address, bytes to read. imm: displacements (low half shared, high half global);
// extra: bytes to write.
struct Copy {
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, w->active); }
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    const auto bytes = static_cast<uint32_t>(reinterpret_cast<uint64_t>(op->extra));
    alignas(64) uint64_t target[32], source[32];
    addresses<Shared>(op->o[0], static_cast<int32_t>(op->imm), r, w, target);
    addresses<Flat>(op->o[1], op->imm >> 32, r, w, source);
    const auto read = at<uint32_t>(r, op->o[2]);
    while (m != 0) {
      const uint32_t group = w->copy_group[__builtin_ctz(m)];
      AsyncCopy* c = new_copy(w);
      c->mask = 0;
      c->group = group;
      c->bytes = bytes;
      c->op = op;
      for (int i = 0; i < 32; ++i) {
        if (!bit(m, i) || w->copy_group[i] != group) continue;
        c->mask |= 1u << i;
        c->source[i] = source[i];
        c->target[i] = static_cast<uint32_t>(target[i] - reinterpret_cast<uint64_t>(w->shared));
        c->valid[i] = read[i] < bytes ? read[i] : bytes;
      }
      m &= ~c->mask;
    }
    return op + 1;
  }
};

struct Commit {
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, w->active); }
  static const Op* masked(const Op* op, char*, Warp* w, uint32_t m) {
    LANES w->copy_group[i] += bit(m, i) ? 1u : 0u;
    return op + 1;
  }
};

// imm: groups that may stay under way; -1 = none at all, not even uncommitted copies (wait_all).
struct Wait {
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, w->active); }
  static const Op* masked(const Op* op, char*, Warp* w, uint32_t m) {
    uint32_t kept = 0;
    for (uint32_t k = 0; k < w->copy_count; ++k) {
      AsyncCopy& c = w->copies[k];
      w->wrote = true;
      EACH_LANE(c.mask & m) {
        if (op->imm >= 0 && static_cast<int64_t>(c.group) + op->imm >= static_cast<int64_t>(w->copy_group[i])) continue;
        char* to = w->shared + c.target[i];
        __builtin_memcpy(to, reinterpret_cast<const void*>(c.source[i]), c.valid[i]);
        __builtin_memset(to + c.valid[i], 0, c.bytes - c.valid[i]);
        c.mask &= ~(1u << i);
      }
      if (c.mask == 0) continue;
      if (kept != k) w->copies[kept] = c;
      ++kept;
    }
    w->copy_count = kept;
    return op + 1;
  }
};

}  // namespace

TABLE void add_async(const Registrar& g) {
  add<Copy>(g, "#cp.async", "wxw");
  add<Commit>(g, "cp.async.commit_group", "");
  add<Wait>(g, "#cp.async.wait", "");
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
