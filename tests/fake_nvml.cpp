// Stands in for NVIDIA's management library where there is no card: the same symbols, the energy of
// each card read from the file that TRIMTAB_FAKE_NVML names, one word a card: millijoules, or "-"
// for a card without a counter.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace {

constexpr int kSuccess = 0, kInvalid = 2, kNotSupported = 3, kNoDriver = 9;

std::vector<std::string> read_cards() {
  const char* path = std::getenv("TRIMTAB_FAKE_NVML");
  std::ifstream file(path == nullptr ? "" : path);
  std::vector<std::string> words;
  for (std::string word; file >> word;) words.push_back(word);
  return words;
}

std::size_t index_of(const void* card) { return reinterpret_cast<std::size_t>(card) - 1; }

}  // namespace

extern "C" {

int nvmlInit_v2() { return std::getenv("TRIMTAB_FAKE_NVML") == nullptr ? kNoDriver : kSuccess; }
int nvmlShutdown() { return kSuccess; }

int nvmlDeviceGetCount_v2(unsigned* count) {
  *count = static_cast<unsigned>(read_cards().size());
  return kSuccess;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** card) {
  if (index >= read_cards().size()) return kInvalid;
  *card = reinterpret_cast<void*>(static_cast<std::size_t>(index) + 1);
  return kSuccess;
}

int nvmlDeviceGetUUID(void* card, char* text, unsigned size) {
  std::snprintf(text, size, "GPU-%zua", index_of(card));
  return kSuccess;
}

int nvmlDeviceGetTotalEnergyConsumption(void* card, unsigned long long* millijoules) {
  const std::vector<std::string> cards = read_cards();
  if (index_of(card) >= cards.size()) return kInvalid;
  if (cards[index_of(card)] == "-") return kNotSupported;
  *millijoules = std::strtoull(cards[index_of(card)].c_str(), nullptr, 10);
  return kSuccess;
}

}  // extern "C"
