#include "surrogate.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace trimtab::bench {

Surrogate::Surrogate(const std::filesystem::path& folder, const std::string& name) {
  std::ifstream bytes(folder / (name + ".f32"), std::ios::binary | std::ios::ate);
  std::ifstream text(folder / (name + ".prog"));
  if (!bytes || !text) throw std::runtime_error("no surrogate " + name + " in " + folder.string());
  weights_.resize(static_cast<std::size_t>(bytes.tellg()) / sizeof(float));
  bytes.seekg(0);
  bytes.read(reinterpret_cast<char*>(weights_.data()),
             static_cast<std::streamsize>(weights_.size() * sizeof(float)));
  std::string line;
  while (std::getline(text, line)) {
    std::istringstream words(line);
    Operation operation;
    words >> operation.name;
    if (operation.name == "nval") words >> num_values_;
    if (operation.name == "out") words >> out_;
    const bool is_header = operation.name.starts_with("n") || operation.name == "out" ||
                           operation.name.starts_with("yahpo");
    if (is_header) continue;
    words >> operation.out;
    for (std::string word; words >> word;) {
      const bool is_weight = word.front() == '@';
      (is_weight ? operation.offsets : operation.values)
          .push_back(static_cast<std::size_t>(std::stoul(word.substr(is_weight ? 1 : 0))));
    }
    operations_.push_back(std::move(operation));
  }
}

std::vector<double> Surrogate::operator()(const std::vector<int>& categories,
                                          const std::vector<double>& numbers) const {
  std::vector<Value> values(num_values_);
  for (const Operation& operation : operations_) {
    if (operation.name == "cat") {
      values[operation.out] = {static_cast<float>(categories[operation.values[0]])};
    } else if (operation.name == "cont") {
      values[operation.out] = {static_cast<float>(numbers[operation.values[0]])};
    } else {
      values[operation.out] = evaluate(operation, values);
    }
  }
  return {values[out_].begin(), values[out_].end()};
}

Surrogate::Value Surrogate::evaluate(const Operation& operation,
                                     const std::vector<Value>& values) const {
  const std::string& name = operation.name;
  const float* weights = operation.offsets.empty() ? nullptr : &weights_[operation.offsets[0]];
  const Value& x = values[operation.values[0]];
  Value y = x;
  const auto each = [&](auto function) { std::ranges::transform(x, y.begin(), function); };
  const auto with = [&](auto function) {  // a second operand: a value or a weight
    const Value* other = operation.values.size() > 1 ? &values[operation.values[1]] : nullptr;
    for (std::size_t i = 0; i < y.size(); ++i) {
      y[i] = function(x[i], other != nullptr ? (*other)[other->size() == 1 ? 0 : i] : weights[0]);
    }
  };
  if (name == "add") {
    with([](float a, float b) { return a + b; });
  } else if (name == "sub") {
    with([](float a, float b) { return a - b; });
  } else if (name == "mul") {
    with([](float a, float b) { return a * b; });
  } else if (name == "div") {
    with([](float a, float b) { return a / b; });
  } else if (name == "log") {
    each([](float a) { return std::log(a); });
  } else if (name == "exp") {
    each([](float a) { return std::exp(a); });
  } else if (name == "relu") {
    each([](float a) { return std::max(a, 0.0F); });
  } else if (name == "sigmoid") {
    each([](float a) { return 1.0F / (1.0F + std::exp(-a)); });
  } else if (name == "affine") {
    const float* shift = &weights_[operation.offsets[1]];
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = x[i] * weights[i] + shift[i];
  } else if (name == "embed") {
    const std::size_t width = operation.values[1];
    const float* row = weights + static_cast<std::size_t>(x[0]) * width;
    y.assign(row, row + width);
  } else if (name == "slice") {
    const auto first = x.begin() + static_cast<std::ptrdiff_t>(operation.values[1]);
    y.assign(first, first + static_cast<std::ptrdiff_t>(operation.values[2]));
  } else if (name == "pick") {
    y = {x[operation.values[1]]};
  } else if (name == "concat") {
    y.clear();
    for (const std::size_t i : operation.values) {
      y.insert(y.end(), values[i].begin(), values[i].end());
    }
  } else if (name == "gemm") {
    const std::size_t num_out = operation.values[1];
    const float* bias = &weights_[operation.offsets[1]];
    y.assign(bias, bias + num_out);
    for (std::size_t row = 0; row < num_out; ++row) {
      float sum = 0.0F;
      for (std::size_t i = 0; i < x.size(); ++i) sum += weights[row * x.size() + i] * x[i];
      y[row] += sum;
    }
  } else {
    throw std::runtime_error("unknown operation " + name);
  }
  return y;
}

}  // namespace trimtab::bench
