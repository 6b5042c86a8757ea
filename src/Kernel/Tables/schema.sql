table demo_counters
  name TEXT not null
  value BIGINT not null
  key (name)
table demo_events
  number BIGINT not null
  type TEXT not null
  project_id TEXT
  user_id TEXT
  resource TEXT not null
  payload TEXT not null
  request_id TEXT
  at BIGINT not null
  index (resource, number)
  key (number)
table demo_incarnations
  id TEXT not null
  key BIGINT not null
  host TEXT not null
  pid BIGINT not null
  started_at BIGINT not null
  key (id)
table demo_migrations
  name TEXT not null
  applied_at BIGINT not null
  key (name)
table demo_node_items
  node TEXT not null
  kind TEXT not null
  id TEXT not null
  generation BIGINT not null
  revision BIGINT not null
  wanted BOOLEAN not null
  spec TEXT
  changed_at BIGINT not null
  observed_generation BIGINT not null
  observed_present BOOLEAN
  error TEXT
  state TEXT
  observed_at BIGINT
  index (kind, id)
  index (node, revision)
  key (node, kind, id)
table demo_operation_steps
  operation_id TEXT not null
  number BIGINT not null
  step TEXT not null
  event TEXT
  started_at BIGINT not null
  finished_at BIGINT not null
  result TEXT not null
  message TEXT
  key (operation_id, number)
table demo_operations
  id TEXT not null
  kind TEXT not null
  resource TEXT not null
  state TEXT not null
  step TEXT not null
  status TEXT not null
  undo_to TEXT
  retry_state TEXT
  fault TEXT
  left_behind TEXT
  preempted BOOLEAN not null
  adopted BIGINT not null
  epoch BIGINT not null
  holder TEXT
  request_id TEXT
  user_id TEXT
  project_id TEXT
  created_at BIGINT not null
  entered_at BIGINT not null
  ended_at BIGINT
  delete_kind TEXT
  delete_state TEXT
  index (ended_at)
  index (resource, created_at)
  key (id)
  unique (resource) partial
table demo_quota_limits
  scope TEXT not null
  name TEXT not null
  resource TEXT not null
  limit BIGINT not null
  key (scope, name, resource)
table demo_quota_usage
  project_id TEXT not null
  resource TEXT not null
  in_use BIGINT not null
  reserved BIGINT not null
  key (project_id, resource)
table demo_tombstones
  kind TEXT not null
  id TEXT not null
  epoch BIGINT not null
  at BIGINT not null
  index (at)
  key (kind, id)
