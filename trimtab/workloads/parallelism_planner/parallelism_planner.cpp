#include "trimtab/workloads/parallelism_planner/parallelism_planner.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "trimtab/core/registry.hpp"
#include "trimtab/workloads/parallelism_planner/cost_model.hpp"

namespace trimtab {
namespace {

using parallelism::Layout;
using parallelism::Model;

constexpr double kDevicesPerNode = 8.0;

Info make_info() {
  Info info;
  info.name = "parallelism_planner";
  info.purpose = "layout of a large model over a simulated machine; much of it runs out of memory";
  info.source = "Dash et al. 2023; Narayanan et al. 2021; Rajbhandari et al. 2020";
  info.options = {
      {"model", std::string("52b"), "what is trained", {}, {}, {"22b", "52b", "175b", "1t"}},
      {"memory", 64.0, "of a device, GB", 1.0, 1e6},
      {"out_of_memory",
       std::string("fail"),
       "fail = the trial fails; metric = memory_excess tells, and the throughput is as if there "
       "were room",
       {},
       {},
       {"fail", "metric"}},
  };
  return info;
}

Space search_space(const std::string& name, const Model& model) {
  const bool is_huge = name == "1t";
  const std::vector<Scalar> pipelines =
      is_huge ? std::vector<Scalar>{16, 32, 64, 128} : std::vector<Scalar>{1, 2, 4, 8, 12, 16};
  const std::vector<Scalar> nodes =
      is_huge ? std::vector<Scalar>{128, 256, 384} : std::vector<Scalar>{12, 16};
  const std::vector<Scalar> counts =
      is_huge ? std::vector<Scalar>{100, 200, 400} : std::vector<Scalar>{5, 10};
  return SpaceBuilder()
      .ordinal("tensor", {4, 8})
      .ordinal("pipeline", pipelines)
      .integer("micro_batch", is_huge ? 1 : 4, is_huge ? 8 : 20)
      .ordinal("micro_batches", counts)
      .categorical("zero1", {false, true})
      .ordinal("nodes", nodes)
      .require("nodes * 8 % (tensor * pipeline) == 0")
      .require(fmt::format("{} % pipeline == 0", model.layers))
      .require(fmt::format("{} % tensor == 0", model.heads))
      .build();
}

// A parameter's number; what a study's own space leaves out has the value given here.
double number_of(const Space& space, PointView point, const char* name, double otherwise) {
  const Json values = space.to_json(point);
  const auto found = values.find(name);
  if (found == values.end()) return otherwise;
  return found->is_boolean() ? static_cast<double>(found->get<bool>()) : found->get<double>();
}

Layout layout_of(const Space& space, PointView point) {
  Layout layout;
  layout.tensor = number_of(space, point, "tensor", 8.0);
  layout.pipeline = number_of(space, point, "pipeline", 8.0);
  layout.micro_batch = number_of(space, point, "micro_batch", 4.0);
  layout.micro_batches = number_of(space, point, "micro_batches", 10.0);
  layout.has_zero1 = number_of(space, point, "zero1", 1.0) != 0.0;
  const double devices = kDevicesPerNode * number_of(space, point, "nodes", 16.0);
  layout.data = devices / (layout.tensor * layout.pipeline);
  return layout;
}

Workload make(const OptionValues& options) {
  const std::string name = options.text("model");
  const Model model = parallelism::model_of(name);
  const double memory = options.number("memory") * 1e9;
  const bool is_metric = options.text("out_of_memory") == "metric";
  Workload workload;
  workload.space = search_space(name, model);
  workload.objectives = {{.name = "tflops", .goal = Goal::Maximise}};
  workload.metrics = {{"tflops", "TFLOP/s of a device, simulated"},
                      {"utilisation", "of the device's peak, in [0, 1]"},
                      {"seconds", "of one training iteration, simulated"},
                      {"bubble", "share of the time that the pipeline fills and drains"},
                      {"memory", "of the fullest device, GB"},
                      {"memory_excess", "GB beyond what the device has; <= 0 fits"}};
  workload.run = [model, memory, is_metric](const Space& space, PointView point, TrialContext&) {
    const Layout layout = layout_of(space, point);
    const double needed = parallelism::memory_bytes(model, layout);
    if (needed > memory && !is_metric) {
      throw std::runtime_error(
          fmt::format("out of memory: {:.1f} of {:.1f} GB", needed * 1e-9, memory * 1e-9));
    }
    const auto at = parallelism::simulate(model, layout, parallelism::Efficiency());
    return Metrics{{"tflops", at.tflops_per_device}, {"utilisation", at.utilisation},
                   {"seconds", at.seconds},          {"bubble", at.bubble_share},
                   {"memory", needed * 1e-9},        {"memory_excess", (needed - memory) * 1e-9}};
  };
  return workload;
}

}  // namespace

WorkloadEntry parallelism_planner_entry() { return {make_info(), make}; }

}  // namespace trimtab

TRIMTAB_WORKLOAD(parallelism_planner, parallelism_planner_entry())
