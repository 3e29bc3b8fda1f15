#include "trimtab/workloads/nas_bench_201/nas_bench_201.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/workloads/nas_bench_201/cell.hpp"
#include "trimtab/workloads/nas_bench_201/table.hpp"

namespace trimtab {
namespace {

using nas_bench_201::Cell;
using nas_bench_201::Table;

constexpr std::array<const char*, nas_bench_201::kNumEdges> kEdges = {
    "edge_0_1", "edge_0_2", "edge_1_2", "edge_0_3", "edge_1_3", "edge_2_3"};
constexpr std::uint64_t kProbeSeed = 7;

Info make_info() {
  Info info;
  info.name = "nas_bench_201";
  info.purpose =
      "recorded accuracies of 15 625 network cells; cells that compute the same are known";
  info.source = "Dong and Yang 2020; functional hashing: Gillard et al. 2023";
  info.options = {
      {"dataset",
       std::string("cifar10"),
       "what the networks were trained on",
       {},
       {},
       {"cifar10", "cifar100", "imagenet"}},
      {"data", std::string(), "nb201.csv, or a folder that holds it; empty = $TRIMTAB_DATA"},
      {"probe_examples", std::int64_t{1}, "inputs on which a tiny cell is run", 1.0, 64.0},
  };
  return info;
}

std::string find_table(const std::string& data) {
  namespace fs = std::filesystem;
  const char* folder = std::getenv("TRIMTAB_DATA");
  const std::string root = data.empty() && folder != nullptr ? folder : data;
  for (const char* name : {"", "nb201.csv", "nasbench201/nb201.csv"}) {
    const fs::path path = *name == '\0' ? fs::path(root) : fs::path(root) / name;
    if (!root.empty() && fs::is_regular_file(path)) return path.string();
  }
  throw UserError({.code = "workload.absent",
                   .what = "the table of NAS-Bench-201 is not on this machine",
                   .where = "option data",
                   .got = root.empty() ? "TRIMTAB_DATA is not set" : quote(root, 200),
                   .expected = "the file nb201.csv, or a folder that holds it",
                   .hint = ""});
}

Space search_space() {
  SpaceBuilder builder;
  std::vector<Scalar> names;
  for (const std::string& name : nas_bench_201::operation_names()) names.emplace_back(name);
  for (const char* edge : kEdges) builder.categorical(edge, names);
  return builder.build();
}

// The cell of a point; edges that a study's own space leaves out are skips.
Cell cell_of(const Space& space, PointView point) {
  Cell cell{};
  for (std::size_t e = 0; e < kEdges.size(); ++e) {
    cell[e] = nas_bench_201::Operation::Skip;
    const Parameter* parameter = space.find_parameter(kEdges[e]);
    if (parameter == nullptr) continue;
    const std::optional<std::string> name = space.value_text(point, *parameter);
    if (!name) continue;
    const std::vector<std::string> known = nas_bench_201::operation_names();
    const auto found = std::find(known.begin(), known.end(), *name);
    if (found == known.end()) {
      throw UserError({.code = "workload.value",
                       .what = "nas_bench_201 does not know this operation",
                       .where = std::string("parameter ") + kEdges[e],
                       .got = quote(*name),
                       .expected = one_of(known),
                       .hint = did_you_mean(*name, known)});
    }
    cell[e] = static_cast<nas_bench_201::Operation>(found - known.begin());
  }
  return cell;
}

Workload make(const OptionValues& options) {
  const std::string path = find_table(options.text("data"));
  const auto table = std::make_shared<const Table>(
      nas_bench_201::parse_table(read_file(path), options.text("dataset"), path));
  const auto num_examples = static_cast<std::size_t>(options.integer("probe_examples"));
  Workload workload;
  workload.space = search_space();
  workload.objectives = {{.name = "validation_accuracy", .goal = Goal::Maximise}};
  workload.metrics = {{"validation_accuracy", "per cent, after 200 epochs"},
                      {"test_accuracy", "per cent, of the same networks"}};
  workload.run = [table](const Space& space, PointView point, TrialContext&) {
    const std::size_t index = nas_bench_201::index_of(cell_of(space, point));
    return Metrics{{"validation_accuracy", table->validation[index]},
                   {"test_accuracy", table->test[index]}};
  };
  workload.probe = [num_examples](const Space& space, PointView point) {
    return nas_bench_201::probe(cell_of(space, point), num_examples, kProbeSeed);
  };
  return workload;
}

}  // namespace

WorkloadEntry nas_bench_201_entry() { return {make_info(), make}; }

}  // namespace trimtab

TRIMTAB_WORKLOAD(nas_bench_201, nas_bench_201_entry())
