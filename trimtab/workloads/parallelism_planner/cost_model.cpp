#include "trimtab/workloads/parallelism_planner/cost_model.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "trimtab/base/error.hpp"

namespace trimtab::parallelism {
namespace {

constexpr double kSequence = 2048.0;
constexpr double kVocabulary = 51200.0;
constexpr double kPeak = 191.5e12;      // operations a second
constexpr double kHalfEfficient = 1e3;  // b h / t at which kernels reach half of their limit
constexpr double kPairLink = 200e9;     // bytes a second, between the halves of one package
constexpr double kNodeLink = 75e9;
constexpr double kFarLink = 12.5e9;  // a device's share of its node's 100 GB/s
constexpr double kSendLink = 25e9;

double parameters(const Model& model) {
  return 12.0 * model.layers * model.width * model.width + kVocabulary * model.width;
}

// Operations of one sequence, without the factor for forward, backward and recomputation.
double operations(const Model& model) {
  const double h = model.width;
  return kSequence * model.layers * h * h *
         (1.0 + kSequence / (6.0 * h) + kVocabulary / (16.0 * model.layers * h));
}

double tensor_link(double t) {
  if (t <= 2.0) return kPairLink;
  return t <= 8.0 ? kNodeLink : kFarLink;
}

}  // namespace

Model model_of(std::string_view name) {
  if (name == "22b") return {48.0, 6144.0, 48.0};
  if (name == "52b") return {64.0, 8192.0, 64.0};
  if (name == "175b") return {96.0, 12288.0, 96.0};
  if (name == "1t") return {128.0, 25600.0, 160.0};
  throw BugError({.code = "parallelism.model",
                  .what = "there is no such model",
                  .where = "parallelism_planner",
                  .got = std::string(name),
                  .expected = "22b, 52b, 175b or 1t",
                  .hint = ""});
}

Iteration simulate(const Model& model, const Layout& layout, const Efficiency& efficiency) {
  const double t = layout.tensor, p = layout.pipeline, d = layout.data;
  const double b = layout.micro_batch, m = layout.micro_batches, h = model.width;
  const double factor = layout.has_recompute ? 96.0 : 72.0;
  const double x = b * h / t;
  const double kernels = efficiency.kernels * x / (x + kHalfEfficient);
  const double compute = factor * b * operations(model) / (t * p) / (kPeak * kernels);
  const double activation = 2.0 * b * kSequence * h;  // bytes
  const double num_reductions = (layout.has_recompute ? 6.0 : 4.0) * model.layers / p;
  const double reductions =
      num_reductions * activation * 2.0 * (t - 1.0) / t / (tensor_link(t) * efficiency.network);
  const double sends = p > 1.0 ? 2.0 * activation / (kSendLink * efficiency.network) : 0.0;
  const double gradients =
      4.0 * parameters(model) / (t * p) * (d - 1.0) / d / (kFarLink * efficiency.network);
  Iteration result;
  const double slot = compute + reductions + sends;
  result.seconds = (m + p - 1.0) * slot + gradients;
  result.bubble_share = (p - 1.0) * slot / result.seconds;
  const double done = factor * b * m * d * operations(model);
  result.tflops_per_device = done / result.seconds / (t * p * d) * 1e-12;
  result.utilisation = result.tflops_per_device * 1e12 / kPeak;
  return result;
}

double memory_bytes(const Model& model, const Layout& layout) {
  const double t = layout.tensor, b = layout.micro_batch, h = model.width;
  const double shared = layout.has_zero1 ? layout.data : 1.0;
  const double states = parameters(model) / (t * layout.pipeline) * (4.0 + 12.0 / shared);
  const double layers = model.layers / layout.pipeline;
  const double in_flight = std::min(layout.pipeline, layout.micro_batches);
  const double of_layer = 34.0 * kSequence * b * h / t;
  const double kept = layout.has_recompute ? 2.0 * kSequence * b * h * layers * in_flight + of_layer
                                           : of_layer * layers * in_flight;
  return states + kept + 6.0 * kSequence * b * kVocabulary / t;
}

Efficiency calibrate() {
  const Layout small = {
      .tensor = 4, .pipeline = 2, .data = 4, .micro_batch = 4, .micro_batches = 40};
  const Layout large = {
      .tensor = 4, .pipeline = 16, .data = 4, .micro_batch = 1, .micro_batches = 160};
  const auto error = [&](const Efficiency& efficiency) {
    const double first = simulate(model_of("22b"), small, efficiency).utilisation - 0.3838;
    const double second = simulate(model_of("175b"), large, efficiency).utilisation - 0.3614;
    return first * first + second * second;
  };
  Efficiency best = {0.55, 0.55};
  double step = 0.05;
  for (int round = 0; round < 400 && step > 1e-6; ++round) {  // a pattern search
    const Efficiency before = best;
    for (const double kernels : {-step, 0.0, step}) {
      for (const double network : {-step, 0.0, step}) {
        const Efficiency tried = {std::clamp(before.kernels + kernels, 0.05, 1.0),
                                  std::clamp(before.network + network, 0.05, 1.0)};
        if (error(tried) < error(best)) best = tried;
      }
    }
    if (best.kernels == before.kernels && best.network == before.network) step *= 0.5;
  }
  return best;
}

}  // namespace trimtab::parallelism
