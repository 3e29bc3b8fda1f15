#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace trimtab::optuna {

/// Keeps texts that are never freed one by one. O(1) amortised per byte; addresses stay.
class ByteArena {
 public:
  const char* keep(std::string_view bytes) {
    if (bytes.size() > left_) grow(bytes.size());
    char* place = next_;
    std::memcpy(place, bytes.data(), bytes.size());
    next_ += bytes.size();
    left_ -= bytes.size();
    return place;
  }

 private:
  static constexpr std::size_t kChunk = 1 << 18;

  void grow(std::size_t size) {
    left_ = std::max(size, kChunk);
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(left_));
    next_ = chunks_.back().get();
  }

  std::vector<std::unique_ptr<char[]>> chunks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace trimtab::optuna
