#include <nlohmann/json.hpp>
#include <ostream>

#include "trimtab/cli/commands.hpp"
#include "trimtab/cli/open_study.hpp"
#include "trimtab/engine/replay.hpp"

namespace trimtab {

int replay_proposals(const StudyArguments& arguments, CommandContext context) {
  const std::shared_ptr<Storage> storage = context.registry.open_storage(arguments.storage);
  const std::string name = is_study_file(arguments.study)
                               ? read_study_file(arguments.study, {}, context.registry).name
                               : arguments.study;
  const ReplayResult result = replay_study(name, context.registry, storage);
  const bool is_equal =
      result.num_equal == result.num_proposals && result.num_equal_stops == result.num_stops;
  if (arguments.is_json) {
    Json json = {{"proposals", result.num_proposals}, {"equal", result.num_equal}};
    if (result.first_difference) json["first_difference"] = *result.first_difference;
    json["stops"] = result.num_stops;
    json["equal_stops"] = result.num_equal_stops;
    if (result.first_other_stop) json["first_other_stop"] = *result.first_other_stop;
    context.out << json.dump() << '\n';
  } else {
    context.out << result.num_equal << " of " << result.num_proposals
                << " proposals come out the same, bit for bit\n";
    if (result.first_difference) {
      context.out << "first difference: trial " << *result.first_difference
                  << "; the sampler, its options or Trimtab's version changed since\n";
    }
    if (result.num_stops > 0) {
      context.out << result.num_equal_stops << " of " << result.num_stops
                  << " stops come out the same\n";
    }
    if (result.first_other_stop) {
      context.out << "first difference: trial " << *result.first_other_stop
                  << "; the pruner, its options or Trimtab's version changed since\n";
    }
  }
  return is_equal ? kSuccess : kDifferent;
}

}  // namespace trimtab
