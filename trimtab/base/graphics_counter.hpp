#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace trimtab {

/// The driver's library where nobody says otherwise.
inline constexpr const char* kGraphicsLibrary = "libnvidia-ml.so.1";

/// The energy counters of this machine's NVIDIA graphics cards (Volta and later), as the driver's
/// management library (NVML) tells them. The library is loaded when it is there, never linked.
class GraphicsCounter {
 public:
  /// Looks for cards; none, or none that can be read, is no error: see `problem`.
  /// @param library  name or path of the library; "" = do not look.
  /// @param visible  which cards count, as in CUDA_VISIBLE_DEVICES: numbers in the driver's order
  ///   or the beginnings of identities ("GPU-8d3f"), separated by commas; the first that names
  ///   nothing ends the list, so "" and "-1" are none. nullptr = all.
  explicit GraphicsCounter(const std::string& library = kGraphicsLibrary,
                           const char* visible = nullptr);
  GraphicsCounter(GraphicsCounter&&) noexcept;
  GraphicsCounter& operator=(GraphicsCounter&&) noexcept;
  ~GraphicsCounter();

  /// Whether energy can be read.
  bool is_there() const { return !cards_.empty(); }
  std::size_t num_cards() const { return cards_.size(); }
  /// Why not: "no library ...", "card 0 has no energy counter"; "" when it can.
  const std::string& problem() const { return problem_; }

  /// Joules of all cards since this object was made, to 1 mJ as the cards count. A card that cannot
  /// be read for once is counted with its next reading. O(cards), some microseconds each.
  double joules();

 private:
  struct Card {
    void* handle = nullptr;
    std::uint64_t last = 0;  // millijoules
  };
  class Library;

  void find_cards(const char* visible);

  std::unique_ptr<Library> library_;
  std::vector<Card> cards_;
  std::uint64_t total_ = 0;  // millijoules
  std::string problem_;
};

}  // namespace trimtab
