#pragma once

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "trimtab/base/clock.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/numerics/statistics.hpp"
#include "trimtab/workloads/tabular_diagnosis/nested_validation.hpp"

namespace trimtab::diagnosis {

/// Scores of one model on every fold, and the time of all of them.
struct FoldScores {
  std::vector<double> auc;
  std::vector<double> balanced_accuracy;
  double seconds = 0.0;
};

inline double standard_error(const std::vector<double>& x) {
  return std::sqrt(variance(x) / static_cast<double>(x.size()));
}

/// The default configuration of an algorithm on z-scores.
inline Configuration default_of(const std::string& algorithm, std::size_t num_features) {
  const Space space = search_space(num_features);
  return configuration_of(space, space.from_json({{"algorithm", algorithm}}), num_features);
}

inline FoldScores our_scores(const Table& table, const std::vector<Split>& folds,
                             const std::string& algorithm) {
  const Configuration configuration = default_of(algorithm, table.features.size());
  FoldScores result;
  const Stopwatch watch;
  for (std::size_t i = 0; i < folds.size(); ++i) {
    const Scores scores = evaluate(table, folds[i], configuration, i);
    result.auc.push_back(scores.auc);
    result.balanced_accuracy.push_back(scores.balanced_accuracy);
  }
  result.seconds = watch.seconds();
  return result;
}

/// Runs scikit-learn on the same folds. An empty object when it is not installed.
/// @param script  bench/peers/sklearn_baselines.py
inline Json sklearn_scores(const Table& table, const std::vector<Split>& folds,
                           const std::vector<std::string>& algorithms, const std::string& script) {
  Json job;
  for (Eigen::Index i = 0; i < table.x.rows(); ++i) {
    const Eigen::RowVectorXd row = table.x.row(i);
    job["x"].push_back(std::vector<double>(row.begin(), row.end()));
  }
  job["label"] = table.label;
  job["models"] = algorithms;
  for (const Split& fold : folds) {
    job["folds"].push_back({{"train", fold.train}, {"test", fold.test}});
  }
  const std::string file = (std::filesystem::temp_directory_path() /
                            ("trimtab_folds_" + std::to_string(::getpid()) + ".json"))
                               .string();
  write_file_atomically(file, job.dump());
  const std::string command = "/usr/bin/python3 '" + script + "' < '" + file + "' 2>/dev/null";
  std::string answer;
  if (FILE* pipe = ::popen(command.c_str(), "r"); pipe != nullptr) {
    char buffer[4096];
    for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
      answer.append(buffer, n);
    }
    ::pclose(pipe);
  }
  std::filesystem::remove(file);
  return Json::accept(answer) ? Json::parse(answer) : Json::object();
}

}  // namespace trimtab::diagnosis
