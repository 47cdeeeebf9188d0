#pragma once
// What the tests of random orders share.
#include <memory>
#include <string>
#include <vector>

#include "program.h"

constexpr int kSeeds = 20;

struct Streams {
  std::vector<void*> streams;
  explicit Streams(int count, unsigned flags = 1) : streams(count) {
    for (void*& stream : streams) CHECK_EQUAL(0, cuStreamCreate(&stream, flags));
  }
  ~Streams() {
    for (void* stream : streams) CHECK_EQUAL(0, cuStreamDestroy_v2(stream));
  }
  void* operator[](size_t i) const { return streams[i]; }
};

// What the host functions of a test have noted, in their order.
struct Log {
  std::vector<int> entries;
  struct Note {
    Log* log;
    int id;
  };
  std::vector<std::unique_ptr<Note>> notes;
  void submit(void* stream, int id) {
    notes.push_back(std::make_unique<Note>(Note{this, id}));
    CHECK_EQUAL(0, cuLaunchHostFunc(stream, [](void* p) {
      auto* const note = static_cast<Note*>(p);
      note->log->entries.push_back(note->id);
    }, notes.back().get()));
  }
};
