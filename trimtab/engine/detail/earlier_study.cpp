#include "trimtab/engine/detail/earlier_study.hpp"

#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/history.hpp"

namespace trimtab {

EarlierStudy::EarlierStudy(const std::string& name, const Space& space, const Storage& storage) {
  const std::optional<StudyRecord> record = storage.find_study(name);
  if (!record) {
    throw UserError({.code = "study.unknown",
                     .what = "the storage has no such study to start from",
                     .where = "sampler, warm_start",
                     .got = quote(name),
                     .expected = "the name of a study in the same storage",
                     .hint = ""});
  }
  const StudySpec spec = study_from_json(Json::parse(record->spec));
  Space own = Space::parse_text(spec.space_definition);
  History history(own.num_dimensions(), spec.objectives, spec.constraints);
  storage.read(record->id, 0, [&](Sequence sequence, std::string_view bytes) {
    const Event event = decode_event(bytes);
    if (const auto* growth = std::get_if<SpaceGrown>(&event.body)) {
      own = own.with_parameter(growth->name, Json::parse(growth->definition));
      history.widen(own.num_dimensions());
    }
    history.apply(sequence, event);
  });
  for (const std::int64_t number : history.finish_order()) {
    if (!history.is_feasible(number) || history.purpose(number) == Purpose::Confirm) continue;
    Json values = own.to_json(history.point(number));
    for (auto entry = values.begin(); entry != values.end();) {
      entry = space.find_parameter(entry.key()) == nullptr ? values.erase(entry) : std::next(entry);
    }
    try {
      points_.push_back(space.from_json(values));
      losses_.push_back(history.loss(number));
    } catch (const UserError&) {
      continue;  // a value that this space does not have
    }
  }
}

std::vector<Observation> EarlierStudy::observations() const {
  std::vector<Observation> seen;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    Observation observation;
    observation.number = -static_cast<std::int64_t>(points_.size() - i);
    observation.point = points_[i];
    observation.loss = losses_[i];
    observation.losses = std::span(&losses_[i], 1);
    seen.push_back(observation);
  }
  return seen;
}

}  // namespace trimtab
