#include "devices.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <vector>

#include "../exec/device_count.h"
#include "../exec/options.h"
#include "context.h"

namespace softcuda {
namespace {

// Leaked on purpose, as the devices are.
struct Made {
  std::mutex mutex;
  std::array<Device*, kMostDevices> devices = {};
};

Made& made() {
  static auto* const all = new Made;
  return *all;
}

size_t host_memory() { return static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGESIZE)); }

size_t available_memory() {
  std::ifstream file("/proc/meminfo");
  std::string name;
  size_t kilobytes;
  while (file >> name >> kilobytes) {
    if (name == "MemAvailable:") return kilobytes * 1024;
    file.ignore(256, '\n');
  }
  return host_memory();
}

}  // namespace

Device& Device::get(int ordinal) {
  const std::lock_guard<std::mutex> lock(made().mutex);
  Device*& device = made().devices.at(static_cast<size_t>(ordinal));
  if (device == nullptr) device = new Device(ordinal);
  return *device;
}

// With the lock no device can be made, which would read the options.
void Device::set_option(const std::string& name, const std::string& value) {
  const std::lock_guard<std::mutex> lock(made().mutex);
  std::vector<Device*> devices;
  for (Device* const device : made().devices) {
    if (device != nullptr) devices.push_back(device);
  }
  std::vector<Queue*> queues;
  for (Device* const device : devices) queues.push_back(&device->queue());
  Queue::reconfigure(queues, [&] {
    Options::global().set(name, value);
    for (Device* const device : devices) {
      if (name == "seed") device->launches_ = 0;
    }
  });
}

size_t Device::total_memory() { return host_memory() / static_cast<size_t>(device_count()); }

size_t Device::held_memory() const {
  size_t bytes = 0;
  for (const auto& context : Handles<Context>::all().snapshot()) {
    if (&context->device() == this) bytes += context->device_bytes();
  }
  return bytes;
}

size_t Device::free_memory() const {
  const size_t total = total_memory(), held = held_memory();
  return std::min(available_memory(), total - std::min(total, held));
}

}  // namespace softcuda
