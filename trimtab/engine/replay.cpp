#include "trimtab/engine/replay.hpp"

#include <cstring>
#include <nlohmann/json.hpp>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/engine/detail/study_state.hpp"

namespace trimtab {
namespace {

bool same_bits(const Point& a, const Point& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const bool both_inactive = !is_active(a[i]) && !is_active(b[i]);
    if (!both_inactive && std::memcmp(&a[i], &b[i], sizeof(double)) != 0) return false;
  }
  return true;
}

}  // namespace

ReplayResult replay_study(const std::string& name, const Registry& registry,
                          std::shared_ptr<Storage> storage) {
  const std::optional<StudyRecord> record = storage->find_study(name);
  if (!record) {
    throw UserError({.code = "study.unknown",
                     .what = "the storage has no such study",
                     .where = "replay",
                     .got = quote(name),
                     .expected = "",
                     .hint = ""});
  }
  std::vector<std::string> log;
  storage->read(record->id, 0, [&](Sequence, std::string_view bytes) { log.emplace_back(bytes); });
  StudyState state(study_from_json(Json::parse(record->spec)), record->id, registry,
                   std::move(storage), wall_clock());
  ReplayResult result;
  for (std::size_t i = 0; i < log.size(); ++i) {
    const Event event = decode_event(log[i]);
    const auto* created = std::get_if<TrialCreated>(&event.body);
    if (created != nullptr && created->purpose == Purpose::Search) {
      ++result.num_proposals;
      const std::optional<Point> point = state.propose(created->number);
      if (point && same_bits(*point, created->point)) {
        ++result.num_equal;
      } else if (!result.first_difference) {
        result.first_difference = created->number;
      }
    }
    state.absorb(static_cast<Sequence>(i) + 1, log[i]);
  }
  return result;
}

}  // namespace trimtab
