// Finds the PTX text in a module image.
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

[[noreturn]] void no_image(const std::string& why) {
  throw Failure(kNoBinaryForGpu, why + ": SoftCUDA runs PTX text; build with -ptx, or a fatbin with PTX and --no-compress");
}

std::string ptx_of_fatbin(const char* image) {
  FatbinHeader header;
  memcpy(&header, image, sizeof header);
  const char* at = image + header.header_size;
  const char* const end = at + header.size;
  std::string best;
  uint32_t best_arch = 0;
  bool compressed = false;
  while (at + sizeof(FatbinEntry) <= end) {
    FatbinEntry entry;
    memcpy(&entry, at, sizeof entry);
    const char* const payload = at + entry.header_size;
    if (entry.header_size < 16 || payload + entry.payload_size > end) throw Failure(kInvalidImage, "the fatbin is cut short");
    if (entry.kind == kPtxEntry && entry.arch <= kCapabilityMajor * 10u + kCapabilityMinor) {
      if (entry.uncompressed_size != 0) {
        compressed = true;
      } else if (best.empty() || entry.arch > best_arch) {
        best.assign(payload, strnlen(payload, entry.payload_size));
        best_arch = entry.arch;
      }
    }
    at = payload + entry.payload_size;
  }
  if (best.empty()) no_image(compressed ? "the fatbin's PTX is compressed" : "the fatbin has no PTX for compute capability 8.0 or less");
  return best;
}

}  // namespace

std::string ptx_of_image(const void* image) {
  uint32_t magic = 0;
  // An image has at least these bytes unless it is a shorter text, which ends in NUL.
  const size_t head = strnlen(static_cast<const char*>(image), sizeof magic);
  memcpy(&magic, image, head);
  if (head < sizeof magic && magic != 0) throw Failure(kInvalidImage, "the image is shorter than four characters");
  if (magic == kWrapperMagic) {
    FatbinWrapper wrapper;
    memcpy(&wrapper, image, sizeof wrapper);
    return ptx_of_fatbin(static_cast<const char*>(wrapper.data));
  }
  if (magic == kFatbinMagic) return ptx_of_fatbin(static_cast<const char*>(image));
  if (magic == kElfMagic) no_image("the image is a cubin");
  return static_cast<const char*>(image);
}

}  // namespace softcuda
