// One launch for several matrices, usually the layers of a network.
//
// A kernel takes Groups<Item> by value as `const __grid_constant__`: the table lies in the constant bank, dynamic indices
// make no local copy, and pointers in it are known to be global. Item begins with `int first`, its first block. Filled by
// kernel/Groups.java.
#pragma once

namespace krongauss {

constexpr int kMostGroups = 32;  // 4 KB of parameters, less the other arguments

template <class Item>
struct Groups {
  int count;
  int blocks;  // of all groups
  Item item[kMostGroups];
};

// The group that this block works for.
template <class Item>
__device__ __forceinline__ const Item& group_of(const Groups<Item>& groups) {
  int g = 0;
  while (g + 1 < groups.count && groups.item[g + 1].first <= static_cast<int>(blockIdx.x)) g++;
  return groups.item[g];
}

}  // namespace krongauss
