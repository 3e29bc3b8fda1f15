#pragma once

#include <string>
#include <string_view>

#include "trimtab/base/files.hpp"

namespace trimtab {

/// A file in the making: it stands beside its place, and takes it in one step. Readers see the old
/// file or the whole new one.
class FileDraft {
 public:
  /// @throws EnvironmentError when the folder refuses.
  explicit FileDraft(std::string path);
  FileDraft(FileDraft&& other) noexcept;
  FileDraft& operator=(FileDraft&&) = delete;
  /// Removes a draft that was not committed.
  ~FileDraft();

  /// @throws EnvironmentError when the disk refuses; the old file is then untouched. So do both.
  void append(std::string_view bytes);
  /// Syncs and renames. Nothing may be appended afterwards.
  void commit();

 private:
  std::string path_, draft_;  // draft_ is "" once committed or moved from
  UniqueFd file_;
};

}  // namespace trimtab
