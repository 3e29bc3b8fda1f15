#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trimtab/base/clock.hpp"
#include "trimtab/core/trial.hpp"
#include "trimtab/optuna/file_time.hpp"
#include "trimtab/optuna/python_json.hpp"
#include "trimtab/optuna/study_picture.hpp"

namespace trimtab::exchange {

/// One line of a journal: an object with typed members. Every reader throws UserError with the
/// line's place and the member's name when the member is missing or of another type.
class Record {
 public:
  /// @param line    without its end.
  /// @param number  of the line, from 1.
  Record(std::string_view line, const std::string& file, std::int64_t number);

  bool has(std::string_view key) const;  ///< there, and not null
  std::int64_t integer(std::string_view key) const;
  const std::string& text(std::string_view key) const;
  double number(std::string_view key) const;
  TrialState state(std::string_view key) const;
  /// Nothing when not there. Times say their zone since Optuna 5.
  std::optional<Timestamp> time_if(std::string_view key, optuna::ZoneRule rule) const;
  std::vector<double> numbers(std::string_view key) const;
  std::vector<std::int64_t> integers(std::string_view key) const;
  /// Members of an object, with their own bytes.
  std::vector<optuna::PythonMember> members(std::string_view key) const;
  /// Attributes: JSON text by key.
  optuna::AttributeMap attributes(std::string_view key) const;

  [[noreturn]] void refuse(std::string_view key, std::string_view expected) const;

 private:
  const optuna::PythonMember* find(std::string_view key) const;
  const optuna::PythonMember& require(std::string_view key, std::string_view expected) const;
  std::int64_t whole(const optuna::PythonValue& value, std::string_view key) const;

  const std::string& file_;
  std::int64_t line_;
  std::vector<optuna::PythonMember> members_;
};

}  // namespace trimtab::exchange
