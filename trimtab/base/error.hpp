#pragma once

#include <exception>
#include <string>
#include <vector>

namespace trimtab {

/// The five fields of a message, plus a stable code. Empty fields are not rendered.
struct ErrorInfo {
  std::string code;      ///< stable identifier, "room.reason", e.g. "space.empty_range"
  std::string what;      ///< one sentence: what is wrong
  std::string where;     ///< file:line:column, option, key path or function
  std::string got;       ///< the offending value as it was given
  std::string expected;  ///< what would have been accepted
  std::string hint;      ///< nearest name or next step
};

/// Renders one message:
///   where: what
///     got:      ...
///     expected: ...
///     hint:     ...
///     code:     ...
std::string render(const ErrorInfo& info);

/// Base of all errors. The type says who must act; see the three below.
class Error : public std::exception {
 public:
  explicit Error(ErrorInfo info);
  /// @param infos  at least one; all problems found in one pass, in order of position.
  explicit Error(std::vector<ErrorInfo> infos);

  /// The first problem.
  const ErrorInfo& info() const { return infos_.front(); }
  /// Every problem.
  const std::vector<ErrorInfo>& infos() const { return infos_; }
  /// All problems rendered, one after another.
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::vector<ErrorInfo> infos_;
  std::string text_;
};

/// The user must fix the input. The command line exits with 2 and has written nothing.
class UserError : public Error {
 public:
  using Error::Error;
};

/// The surroundings failed (disk full, database locked): retry or wait. The command line exits
/// with 4.
class EnvironmentError : public Error {
 public:
  using Error::Error;
};

/// A broken promise inside Trimtab: stop and report. The command line exits with 70.
class BugError : public Error {
 public:
  using Error::Error;
};

}  // namespace trimtab
