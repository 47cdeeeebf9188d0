#include "quads.h"

// ld: one operation for each address space, element type, register width and vector length.
namespace softcuda {
namespace SOFTCUDA_ISA {
namespace {

// Element type M in memory, extended to R in a register lane.
template <class M, class R, int n, Space space>
struct Load {
  // Lanes side by side in memory, or all at one place. False when they are not: then nothing has been done.
  INLINE bool easy(const Op* op, char* r, const uint64_t* address) {
    if constexpr (n == 1 && sizeof(M) == sizeof(R)) {
      auto d = at<R>(r, op->o[1]);
      if (in_steps(address, sizeof(M))) {
        const uint64_t base = address[0];
        LANES d[i] = read<R>(base + sizeof(R) * static_cast<uint64_t>(i));
        return true;
      }
      if (in_steps(address, 0)) {
        const R v = read<R>(address[0]);
        LANES d[i] = v;
        return true;
      }
    }
    if constexpr (n == 4 && sizeof(M) == 4 && sizeof(R) == 4) {
      float* d[4];
      for (int k = 0; k < 4; ++k) d[k] = at<float>(r, op->o[1 + k]);
      return load_parts(address, d);
    }
    return false;
  }

  // All that translated code contains of a load: what is not easy, the interpreter does.
  INLINE bool easy(const Op* op, char* r, const Warp* w) {
    alignas(64) uint64_t address[32];
    addresses<space>(op->o[0], op->imm, r, w, address);
    return easy(op, r, static_cast<const uint64_t*>(address));
  }

  // The last part of a row: some lanes, side by side. Leaves anything in the other lanes.
  INLINE bool easy_some(const uint64_t* address, float (*d)[32], uint32_t m) {
    if constexpr ((n == 1 || n == 4) && sizeof(M) == 4 && sizeof(R) == 4) {
      uint64_t base;
      if (in_steps(address, n * sizeof(M), m, base)) {
        float* rows[n];
        for (int k = 0; k < n; ++k) rows[k] = d[k];
        if constexpr (n == 1) load_some(reinterpret_cast<const float*>(base), rows[0], m);
        else load_some(reinterpret_cast<const float*>(base), rows, m);
        return true;
      }
      if constexpr (n == 1) {
        if (!in_steps(address, 0, m, base)) return false;
        const auto v = read<float>(base);
        LANES d[0][i] = v;
        return true;
      }
    }
    return false;
  }

  INLINE bool easy_some(const Op* op, char* r, const Warp* w, uint32_t m) {
    alignas(64) uint64_t address[32];
    alignas(64) float row[n][32];
    addresses<space>(op->o[0], op->imm, r, w, address);
    if (!easy_some(address, row, m)) return false;
    for (int k = 0; k < n; ++k) {
      auto d = at<float>(r, op->o[1 + k]);
      LANES d[i] = row[k][i];
    }
    return true;
  }

  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    alignas(64) uint64_t address[32];
    addresses<space>(op->o[0], op->imm, r, w, address);
    if (m == ~0u && easy(op, r, static_cast<const uint64_t*>(address))) return op + 1;
    if constexpr (n == 1 && sizeof(M) == sizeof(R)) {
      if (m == ~0u) {
        auto d = at<R>(r, op->o[1]);
        for (int i = 0; i < 32; ++i) d[i] = read<R>(address[i]);
        return op + 1;
      }
    }
    if constexpr (n == 2 && sizeof(M) == 4 && sizeof(R) == 4) {
      if (m == ~0u) {
        alignas(64) uint64_t v[32];
        for (int i = 0; i < 32; ++i) v[i] = read<uint64_t>(address[i]);
        auto d0 = at<uint32_t>(r, op->o[1]), d1 = at<uint32_t>(r, op->o[2]);
        LANES {
          d0[i] = static_cast<uint32_t>(v[i]);
          d1[i] = static_cast<uint32_t>(v[i] >> 32);
        }
        return op + 1;
      }
    }
    if constexpr (n == 4 && sizeof(M) == 4 && sizeof(R) == 4) {
      if (m == ~0u) {
        float* d[4];
        for (int k = 0; k < 4; ++k) d[k] = at<float>(r, op->o[1 + k]);
        load_quads(address, d);
        return op + 1;
      }
    }
    alignas(64) float row[n][32];
    if (m != 0 && easy_some(address, row, m)) {
      for (int k = 0; k < n; ++k) {
        auto d = at<float>(r, op->o[1 + k]);
        LANES d[i] = bit(m, i) ? row[k][i] : d[i];
      }
      return op + 1;
    }
    R* d[4] = {};
    for (int k = 0; k < n; ++k) d[k] = at<R>(r, op->o[1 + k]);
    EACH_LANE(m) {
      for (int k = 0; k < n; ++k) d[k][i] = static_cast<R>(read<M>(address[i] + static_cast<uint64_t>(k) * sizeof(M)));
    }
    return op + 1;
  }

  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, w->active); }
};

template <class M, class R, int n, Space space>
void one(const Registrar& g, const char* space_name, const char* type) {
  char key[64], signature[8];
  __builtin_snprintf(key, sizeof key, "#ld.%s.v%d.%s.%s", space_name, n, type, sizeof(R) == 8 ? "x" : "w");
  int at = 0;
  signature[at++] = AddressLetter<space>::value;
  for (int k = 0; k < n; ++k) signature[at++] = sizeof(R) == 8 ? 'X' : 'W';
  signature[at] = '\0';
  add<Load<M, R, n, space>>(g, key, signature);
}

template <class M, class R, Space space>
void lengths(const Registrar& g, const char* space_name, const char* type) {
  one<M, R, 1, space>(g, space_name, type);
  one<M, R, 2, space>(g, space_name, type);
  if constexpr (sizeof(M) <= 4) one<M, R, 4, space>(g, space_name, type);
}

template <Space space>
void all(const Registrar& g, const char* name) {
  lengths<uint8_t, uint32_t, space>(g, name, "u8");
  lengths<int8_t, uint32_t, space>(g, name, "s8");
  lengths<uint16_t, uint32_t, space>(g, name, "u16");
  lengths<int16_t, uint32_t, space>(g, name, "s16");
  lengths<uint32_t, uint32_t, space>(g, name, "{u32|s32}");
  lengths<uint8_t, uint64_t, space>(g, name, "u8");
  lengths<int8_t, uint64_t, space>(g, name, "s8");
  lengths<uint16_t, uint64_t, space>(g, name, "u16");
  lengths<int16_t, uint64_t, space>(g, name, "s16");
  lengths<uint32_t, uint64_t, space>(g, name, "u32");
  lengths<int32_t, uint64_t, space>(g, name, "s32");
  lengths<uint64_t, uint64_t, space>(g, name, "{u64|s64}");
}

}  // namespace

TABLE void add_load(const Registrar& g) {
  all<Flat>(g, "flat");
  all<Shared>(g, "shared");
  all<Local>(g, "local");
  all<Parameter>(g, "param");
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
