#include "trimtab/base/graphics_counter.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "trimtab/base/text.hpp"

namespace trimtab {

// The few functions of NVML that are used; their prototypes as NVIDIA documents them. 0 = success.
class GraphicsCounter::Library {
 public:
  explicit Library(const std::string& name)
      : file_(::dlopen(name.c_str(), RTLD_LAZY | RTLD_LOCAL)) {
    if (file_ == nullptr) return;
    const bool is_whole = find("nvmlInit_v2", init_) && find("nvmlShutdown", shutdown_) &&
                          find("nvmlDeviceGetCount_v2", count_) &&
                          find("nvmlDeviceGetHandleByIndex_v2", handle_) &&
                          find("nvmlDeviceGetUUID", identity_) &&
                          find("nvmlDeviceGetTotalEnergyConsumption", energy_);
    is_open_ = is_whole && init_() == 0;
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() {
    if (is_open_) shutdown_();
    if (file_ != nullptr) ::dlclose(file_);
  }

  bool is_found() const { return file_ != nullptr; }
  bool is_open() const { return is_open_; }
  unsigned count() const {
    unsigned number = 0;
    return count_(&number) == 0 ? number : 0;
  }
  void* card(unsigned index) const {
    void* handle = nullptr;
    return handle_(index, &handle) == 0 ? handle : nullptr;
  }
  std::string identity(void* card) const {
    std::array<char, 96> text = {};
    if (identity_(card, text.data(), static_cast<unsigned>(text.size() - 1)) != 0) return "";
    return text.data();
  }
  bool read(void* card, std::uint64_t& millijoules) const {
    unsigned long long value = 0;
    if (energy_(card, &value) != 0) return false;
    millijoules = value;
    return true;
  }

 private:
  template <typename Function>
  bool find(const char* name, Function*& function) {
    function = reinterpret_cast<Function*>(::dlsym(file_, name));
    return function != nullptr;
  }

  void* file_ = nullptr;
  bool is_open_ = false;
  int (*init_)() = nullptr;
  int (*shutdown_)() = nullptr;
  int (*count_)(unsigned*) = nullptr;
  int (*handle_)(unsigned, void**) = nullptr;
  int (*identity_)(void*, char*, unsigned) = nullptr;
  int (*energy_)(void*, unsigned long long*) = nullptr;
};

namespace {

// The number of the card that a word of CUDA_VISIBLE_DEVICES names, or as many as there are.
std::size_t named_card(std::string_view word, const std::vector<std::string>& identities) {
  long long number = 0;
  if (parse_int(word, number)) {
    const bool is_there = number >= 0 && number < static_cast<long long>(identities.size());
    return is_there ? static_cast<std::size_t>(number) : identities.size();
  }
  const auto found = std::find_if(
      identities.begin(), identities.end(),
      [&](const std::string& identity) { return !word.empty() && identity.starts_with(word); });
  return static_cast<std::size_t>(found - identities.begin());
}

std::vector<std::size_t> visible_cards(const char* visible,
                                       const std::vector<std::string>& identities) {
  std::vector<std::size_t> cards;
  if (visible == nullptr) {
    for (std::size_t i = 0; i < identities.size(); ++i) cards.push_back(i);
    return cards;
  }
  for (const std::string_view word : split(visible, ',')) {
    const std::size_t card = named_card(trim(word), identities);
    if (card == identities.size()) break;
    if (std::find(cards.begin(), cards.end(), card) == cards.end()) cards.push_back(card);
  }
  return cards;
}

}  // namespace

GraphicsCounter::GraphicsCounter(const std::string& library, const char* visible) {
  if (library.empty()) {
    problem_ = "cards are not looked for";
    return;
  }
  library_ = std::make_unique<Library>(library);
  if (!library_->is_found()) {
    problem_ = "no library " + library;
  } else if (!library_->is_open()) {
    problem_ = library + " does not work here";
  } else {
    find_cards(visible);
  }
}

GraphicsCounter::GraphicsCounter(GraphicsCounter&&) noexcept = default;
GraphicsCounter& GraphicsCounter::operator=(GraphicsCounter&&) noexcept = default;
GraphicsCounter::~GraphicsCounter() = default;

void GraphicsCounter::find_cards(const char* visible) {
  std::vector<void*> handles;
  std::vector<std::string> identities;
  for (unsigned i = 0; i < library_->count(); ++i) {
    handles.push_back(library_->card(i));
    identities.push_back(handles.back() == nullptr ? "" : library_->identity(handles.back()));
  }
  for (const std::size_t i : visible_cards(visible, identities)) {
    Card card = {handles[i]};
    if (card.handle == nullptr || !library_->read(card.handle, card.last)) {
      // A part would pass for the whole.
      cards_.clear();
      problem_ = "card " + std::to_string(i) + " has no energy counter";
      return;
    }
    cards_.push_back(card);
  }
  if (cards_.empty()) problem_ = "no graphics card to be seen";
}

double GraphicsCounter::joules() {
  for (Card& card : cards_) {
    std::uint64_t now = 0;
    if (!library_->read(card.handle, now)) continue;  // counted with the next reading
    // A driver that was loaded again counts from 0.
    total_ += now >= card.last ? now - card.last : now;
    card.last = now;
  }
  return static_cast<double>(total_) * 1e-3;
}

}  // namespace trimtab
