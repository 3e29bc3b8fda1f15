#pragma once

#include <string>
#include <utility>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab::space_detail {

/// Collects what is wrong with a definition, so that the user sees everything at once.
class Problems {
 public:
  explicit Problems(const Space::Locator& where) : where_(where) {}

  /// @param info  its `where` is a path inside the definition ("C/float/1").
  void add(ErrorInfo info) {
    for (const auto& [path, problem] : found_) {
      if (path == info.where && problem.code == info.code) return;  // a copy of a repeated part
    }
    if (found_.size() >= kMaxProblems) return;
    std::string path = info.where;
    if (where_) {
      info.where = where_(path);
    } else {
      info.where = path.empty() ? "space" : "space/" + path;
    }
    found_.emplace_back(std::move(path), std::move(info));
  }

  bool empty() const { return found_.empty(); }

  /// @throws UserError when something was found.
  void throw_if_any() const {
    if (found_.empty()) return;
    std::vector<ErrorInfo> infos;
    for (const auto& [path, problem] : found_) infos.push_back(problem);
    throw UserError(std::move(infos));
  }

 private:
  static constexpr std::size_t kMaxProblems = 200;
  const Space::Locator& where_;
  std::vector<std::pair<std::string, ErrorInfo>> found_;
};

}  // namespace trimtab::space_detail
