#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "trimtab/core/storage.hpp"

namespace trimtab {

/// Passes every call on to another storage; a test overrides what is to go wrong.
class ForwardingStorage : public Storage {
 public:
  explicit ForwardingStorage(std::shared_ptr<Storage> inner) : inner_(std::move(inner)) {}
  StudyRecord create_study(const std::string& name, const std::string& spec,
                           Timestamp now) override {
    return inner_->create_study(name, spec, now);
  }
  std::optional<StudyRecord> find_study(const std::string& name) const override {
    return inner_->find_study(name);
  }
  std::vector<StudyRecord> list_studies() const override { return inner_->list_studies(); }
  void delete_study(StudyId study) override { inner_->delete_study(study); }
  void read(StudyId study, Sequence after, const Visitor& visit) const override {
    inner_->read(study, after, visit);
  }
  Sequence transact(StudyId study, Sequence after, Durability durability, const Visitor& visit,
                    const Decide& decide) override {
    return inner_->transact(study, after, durability, visit, decide);
  }

 private:
  std::shared_ptr<Storage> inner_;
};

}  // namespace trimtab
