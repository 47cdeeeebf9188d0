// Finds the PTX text in a module image.
#include <algorithm>
#include <cstring>

#include "module.h"

namespace softcuda {
namespace {

constexpr uint32_t kFatbinMagic = 0xBA55ED50u, kWrapperMagic = 0x466243b1u, kElfMagic = 0x464c457fu;

// The layout that nvcc's fatbinary writes: a header, then entries of header and payload.
struct FatbinHeader {
  uint32_t magic;
  uint16_t version, header_size;
  uint64_t size;
};
struct FatbinEntry {
  uint16_t kind, version;
  uint32_t header_size;
  uint64_t payload_size;
  uint32_t compressed_size, unknown;
  uint16_t minor, major;
  uint32_t arch, name_offset, name_size;
  uint64_t flags, zero, uncompressed_size;
};
struct FatbinWrapper {
  uint32_t magic, version;
  const void* data;
};
constexpr uint16_t kPtxEntry = 1;
constexpr uint32_t kLeastEntryHeader = 16;
constexpr uint64_t kLargestFatbin = uint64_t{1} << 32;

[[noreturn]] void no_image(const std::string& why) {
  throw Failure(kNoBinaryForGpu, why + ": SoftCUDA runs PTX text; build with -ptx, or a fatbin with PTX and --no-compress");
}

// `available`: the bytes that may be read at `image`, SIZE_MAX where the caller of the driver gave no length. Then only the header says
// how long the fatbin is, and nothing beyond that is read.
std::string ptx_of_fatbin(const char* image, size_t available) {
  const auto require = [](bool there) {
    if (!there) throw Failure(kInvalidImage, "the fatbin is cut short");
  };
  FatbinHeader header;
  require(available >= sizeof header);
  memcpy(&header, image, sizeof header);
  if (header.header_size < sizeof header) throw Failure(kInvalidImage, "the fatbin's header is malformed");
  if (header.size > kLargestFatbin) throw Failure(kInvalidImage, "the fatbin claims " + std::to_string(header.size) + " bytes");
  require(available - sizeof header >= header.header_size - sizeof header + header.size);
  const char* at = image + header.header_size;
  size_t left = header.size;
  std::string best;
  uint32_t best_arch = 0;
  bool compressed = false;
  while (left >= sizeof(FatbinEntry)) {
    FatbinEntry entry;
    memcpy(&entry, at, sizeof entry);
    require(entry.header_size >= kLeastEntryHeader && entry.header_size <= left && entry.payload_size <= left - entry.header_size);
    const char* const payload = at + entry.header_size;
    if (entry.kind == kPtxEntry && entry.arch <= kCapabilityMajor * 10u + kCapabilityMinor) {
      if (entry.uncompressed_size != 0) {
        compressed = true;
      } else if (best.empty() || entry.arch > best_arch) {
        best.assign(payload, strnlen(payload, entry.payload_size));
        best_arch = entry.arch;
      }
    }
    at = payload + entry.payload_size;
    left -= entry.header_size + entry.payload_size;
  }
  if (best.empty()) no_image(compressed ? "the fatbin's PTX is compressed" : "the fatbin has no PTX for compute capability 8.0 or less");
  return best;
}

}  // namespace

std::string ptx_of_image(const void* image, size_t available) {
  const auto* const text = static_cast<const char*>(image);
  uint32_t magic = 0;
  // An image has at least these bytes unless it is a shorter text, which ends in NUL.
  const size_t head = strnlen(text, std::min(available, sizeof magic));
  memcpy(&magic, text, head);
  if (head < sizeof magic && magic != 0) throw Failure(kInvalidImage, "the image is shorter than four characters");
  if (magic == kWrapperMagic) {
    // It points to the fatbin, which a file cannot do.
    if (available != SIZE_MAX) throw Failure(kInvalidImage, "the file holds the address of a fatbin, not a fatbin");
    FatbinWrapper wrapper;
    memcpy(&wrapper, image, sizeof wrapper);
    if (wrapper.data == nullptr) throw Failure(kInvalidImage, "the fatbin's wrapper is empty");
    return ptx_of_fatbin(static_cast<const char*>(wrapper.data), SIZE_MAX);
  }
  if (magic == kFatbinMagic) return ptx_of_fatbin(text, available);
  if (magic == kElfMagic) no_image("the image is a cubin");
  return available == SIZE_MAX ? text : std::string(text, strnlen(text, available));
}

}  // namespace softcuda
