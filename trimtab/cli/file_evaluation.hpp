#pragma once

#include <string>

#include "trimtab/core/command_template.hpp"

namespace trimtab {

/// A program that says how good a file is: `python3 evaluate.py {file}` prints `score=0.93`, or any
/// other line of docs/trial-protocol.md.
class FileEvaluation {
 public:
  /// @param score  the metric it reports. @throws UserError when the command cannot be read, does
  /// not name {file} or has other holes.
  FileEvaluation(const std::string& command, std::string score);

  /// Runs it and waits; its errors go to ours. What it started is gone when this returns.
  /// @throws EnvironmentError "soup.evaluation" when it fails, UserError "soup.evaluation" when it
  /// ends without a score that is a number.
  double operator()(const std::string& path) const;

 private:
  CommandTemplate command_;
  std::string score_;
};

}  // namespace trimtab
