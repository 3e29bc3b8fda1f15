#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "trimtab/core/storage.hpp"
#include "trimtab/storage/postgresql/detail/pool.hpp"
#include "trimtab/storage/postgresql/detail/study_log.hpp"

namespace trimtab {

/// Keeps studies in a PostgreSQL database (docs/storage-format.md), for many processes of many
/// machines. Its schema `trimtab` comes into being with the first study.
///
/// Both durabilities are those of the server's commit: workers outlive the server, so that a number
/// that was given to one of them must not be forgotten. A step takes one round trip when nobody
/// else appended meanwhile, else two; threads of one process share them. While the server cannot be
/// reached, calls go on trying; whether something was appended when a connection broke is found
/// out, so that nothing is lost or doubled. Works behind a pooler, by transactions too.
class PostgresqlStorage final : public Storage {
 public:
  using Patience = postgresql::Patience;

  /// @param after_scheme  the address after "postgresql:", as libpq takes it, e.g.
  ///   "//user@host:5432/database". @throws UserError when it is none, EnvironmentError when the
  ///   database cannot be reached or has tables of a newer version. Nothing is written.
  explicit PostgresqlStorage(const std::string& after_scheme)
      : PostgresqlStorage(after_scheme, Patience()) {}
  PostgresqlStorage(const std::string& after_scheme, Patience patience);

  bool is_shared_by_machines() const override { return true; }
  StudyRecord create_study(const std::string& name, const std::string& spec,
                           Timestamp now) override;
  std::optional<StudyRecord> find_study(const std::string& name) const override;
  std::vector<StudyRecord> list_studies() const override;
  void delete_study(StudyId study) override;
  void read(StudyId study, Sequence after, const Visitor& visit) const override;
  Sequence transact(StudyId study, Sequence after, Durability durability, const Visitor& visit,
                    const Decide& decide) override;

 private:
  bool is_there() const;
  postgresql::StudyLog& log_of(StudyId study);

  mutable postgresql::Pool pool_;
  postgresql::Tokens tokens_;
  mutable std::atomic<bool> is_there_ = false;
  std::mutex mutex_;  // guards logs_
  std::map<StudyId, std::unique_ptr<postgresql::StudyLog>> logs_;
};

}  // namespace trimtab
