// One launch for several matrices, usually the layers of a network.
//
// A kernel takes Groups<Item> by value as `const __grid_constant__`: the table lies in the constant bank, dynamic indices
// make no local copy, and pointers in it are known to be global. Item is a Group with members of its own behind it. Filled by
// kernel/group/Groups.java.
#pragma once

namespace krongauss {

constexpr int kMostGroups = 32;  // 4 KB of parameters, less the other arguments

// What every item of a table begins with.
struct Group {
  int first;  // its first block
};

// What an item begins with whose matrices are all of one shape, for element-wise kernels (rows.cuh): filled by ElementGroups.java,
// then come the matrices' pointers, then their strides.
struct MatrixGroup : Group {
  int rows;
  int columns;
  int whole;  // leading elements of a row that go by fours in every matrix
};

template <class Item>
struct Groups {
  static_assert(__is_base_of(Group, Item), "Groups.java writes the first block of an item before its members");
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
