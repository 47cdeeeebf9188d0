#include "quads.h"

// st: when lanes write the same address the highest lane wins.
namespace softcuda {
namespace SOFTCUDA_ISA {
namespace {

template <class M, class R, int n, Space space>
struct Store {
  // Lanes side by side in memory; false when they are not. See load.cpp.
  INLINE bool easy(const Op* op, char* r, const uint64_t* address) {
    if constexpr (n == 1 && sizeof(M) == sizeof(R)) {
      const auto a = at<R>(r, op->o[1]);
      if (!in_steps(address, sizeof(M))) return false;
      const uint64_t base = address[0];
      LANES write<R>(base + sizeof(R) * static_cast<uint64_t>(i), a[i]);
      return true;
    }
    if constexpr (n == 4 && sizeof(M) == 4 && sizeof(R) == 4) {
      const float* a[4];
      for (int k = 0; k < 4; ++k) a[k] = at<float>(r, op->o[1 + k]);
      return store_parts(address, a);
    }
    return false;
  }

  INLINE bool easy(const Op* op, char* r, const Warp* w) {
    alignas(64) uint64_t address[32];
    addresses<space>(op->o[0], op->imm, r, w, address);
    return easy(op, r, static_cast<const uint64_t*>(address));
  }

  INLINE bool easy_some(const Op* op, char* r, const uint64_t* address, uint32_t m) {
    if constexpr ((n == 1 || n == 4) && sizeof(M) == 4 && sizeof(R) == 4) {
      uint64_t base;
      if (!in_steps(address, n * sizeof(M), m, base)) return false;
      const float* a[n];
      for (int k = 0; k < n; ++k) a[k] = at<float>(r, op->o[1 + k]);
      if constexpr (n == 1) store_some(reinterpret_cast<float*>(base), a[0], m);
      else store_some(reinterpret_cast<float*>(base), a, m);
      return true;
    }
    return false;
  }

  INLINE bool easy_some(const Op* op, char* r, const Warp* w, uint32_t m) {
    alignas(64) uint64_t address[32];
    addresses<space>(op->o[0], op->imm, r, w, address);
    return easy_some(op, r, static_cast<const uint64_t*>(address), m);
  }

  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    alignas(64) uint64_t address[32];
    addresses<space>(op->o[0], op->imm, r, w, address);
    w->wrote = true;
    if (m == ~0u && easy(op, r, static_cast<const uint64_t*>(address))) return op + 1;
    if constexpr (n == 1 && sizeof(M) == sizeof(R)) {
      if (m == ~0u) {
        const auto a = at<R>(r, op->o[1]);
        for (int i = 0; i < 32; ++i) write<R>(address[i], a[i]);
        return op + 1;
      }
    }
    if constexpr (n == 4 && sizeof(M) == 4 && sizeof(R) == 4) {
      if (m == ~0u) {
        const float* a[4];
        for (int k = 0; k < 4; ++k) a[k] = at<float>(r, op->o[1 + k]);
        store_quads(address, a);
        return op + 1;
      }
    }
    if (m != 0 && easy_some(op, r, static_cast<const uint64_t*>(address), m)) return op + 1;
    const R* a[4] = {};
    for (int k = 0; k < n; ++k) a[k] = at<R>(r, op->o[1 + k]);
    EACH_LANE(m) {
      for (int k = 0; k < n; ++k) write<M>(address[i] + static_cast<uint64_t>(k) * sizeof(M), static_cast<M>(a[k][i]));
    }
    return op + 1;
  }

  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, w->active); }
};

template <class M, class R, int n, Space space>
void one(const Registrar& g, const char* space_name, const char* type) {
  char key[64], signature[8];
  __builtin_snprintf(key, sizeof key, "#st.%s.v%d.%s.%s", space_name, n, type, sizeof(R) == 8 ? "x" : "w");
  int at = 0;
  signature[at++] = AddressLetter<space>::value;
  for (int k = 0; k < n; ++k) signature[at++] = sizeof(R) == 8 ? 'x' : 'w';
  signature[at] = '\0';
  add<Store<M, R, n, space>>(g, key, signature);
}

template <class M, class R, Space space>
void lengths(const Registrar& g, const char* space_name, const char* type) {
  one<M, R, 1, space>(g, space_name, type);
  one<M, R, 2, space>(g, space_name, type);
  if constexpr (sizeof(M) <= 4) one<M, R, 4, space>(g, space_name, type);
}

template <Space space>
void all(const Registrar& g, const char* name) {
  lengths<uint8_t, uint32_t, space>(g, name, "{u8|s8}");
  lengths<uint16_t, uint32_t, space>(g, name, "{u16|s16}");
  lengths<uint32_t, uint32_t, space>(g, name, "{u32|s32}");
  lengths<uint8_t, uint64_t, space>(g, name, "{u8|s8}");
  lengths<uint16_t, uint64_t, space>(g, name, "{u16|s16}");
  lengths<uint32_t, uint64_t, space>(g, name, "{u32|s32}");
  lengths<uint64_t, uint64_t, space>(g, name, "{u64|s64}");
}

}  // namespace

TABLE void add_store(const Registrar& g) {
  all<Flat>(g, "flat");
  all<Shared>(g, "shared");
  all<Local>(g, "local");
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
