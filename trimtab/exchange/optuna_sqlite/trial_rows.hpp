#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "trimtab/exchange/optuna_sqlite/database.hpp"
#include "trimtab/optuna/file_time.hpp"
#include "trimtab/optuna/study_picture.hpp"

namespace trimtab::exchange {

/// Writes the rows of one study's trials into an Optuna database: a row that is there is brought up
/// to date. Statements are prepared once. Errors: EnvironmentError.
class TrialRows {
 public:
  /// The study's and its first trial's id in the file.
  static constexpr std::int64_t kStudy = 1;
  static std::int64_t id_of(std::int64_t number) { return number + 1; }

  TrialRows(const Database& database, optuna::ZoneRule rule);

  /// @param picture  the study's, for the distributions. O(size of the trial).
  void write(std::int64_t number, const optuna::LiveTrial& trial,
             const optuna::StudyPicture& picture);
  /// Removes the parameters of a trial that has others now.
  void forget_parameters(std::int64_t number);
  void write_attribute(std::int64_t number, bool is_system, std::string_view key,
                       std::string_view value);
  void write_study_attribute(bool is_system, std::string_view key, std::string_view value);

 private:
  void bind_time(int parameter, const std::optional<Timestamp>& time, const std::string& text,
                 std::string& kept);

  optuna::ZoneRule rule_;
  Statement trial_, parameter_, forget_, value_, report_, user_, system_, study_user_,
      study_system_;
};

}  // namespace trimtab::exchange
