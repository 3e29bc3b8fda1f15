#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace trimtab::bench {

/// A YAHPO Gym surrogate (Pfisterer et al. 2022) in the converted form of $TRIMTAB_DATA/yahpo: a
/// text program of vector operations and its float32 weights.
class Surrogate {
 public:
  /// @throws std::runtime_error when a file is missing or an operation is unknown.
  Surrogate(const std::filesystem::path& folder, const std::string& name);

  /// @param categories  codes, in the file's order. @param numbers  in the file's order.
  /// @returns every output. O(weights).
  std::vector<double> operator()(const std::vector<int>& categories,
                                 const std::vector<double>& numbers) const;

 private:
  struct Operation {
    std::string name;
    std::size_t out = 0;
    std::vector<std::size_t> values = {};   // indices of operands, or plain numbers
    std::vector<std::size_t> offsets = {};  // of weights
  };
  using Value = std::vector<float>;
  Value evaluate(const Operation& operation, const std::vector<Value>& values) const;

  std::vector<Operation> operations_;
  std::vector<float> weights_;
  std::size_t num_values_ = 0;
  std::size_t out_ = 0;
};

}  // namespace trimtab::bench
