#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "../../driver/module.h"
#include "target.h"

// A module image: fatbins and text, with the length known (cuModuleLoad) and not (cuModuleLoadData).
namespace {

using namespace softcuda;

void load(const char* image, size_t available) {
  std::string text;
  try {
    text = ptx_of_image(image, available);
  } catch (const Failure& failure) {
    if (failure.result != kInvalidImage && failure.result != kNoBinaryForGpu) {
      fuzz::wrong("an image is refused with " + std::to_string(failure.result) + ": " + failure.what());
    }
    return;
  }
  Memory memory;
  fuzz::load(text, memory);
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Not a byte longer, so that AddressSanitizer sees a read beyond.
  const std::unique_ptr<char[]> file(new char[size]);
  std::copy(data, data + size, file.get());
  load(file.get(), size);

  // Without a length a fatbin's own header is believed: only text can be given to the driver in whole.
  static const unsigned char fatbin[] = {0x50, 0xed, 0x55, 0xba}, wrapper[] = {0xb1, 0x43, 0x62, 0x46};
  if (size >= 4 && (std::memcmp(data, fatbin, 4) == 0 || std::memcmp(data, wrapper, 4) == 0)) return 0;
  std::vector<char> text(data, data + size);
  text.push_back('\0');
  load(text.data(), SIZE_MAX);
  return 0;
}
