CREATE TABLE {service}_operations (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    resource TEXT NOT NULL,
    state TEXT NOT NULL,
    step TEXT NOT NULL,
    status TEXT NOT NULL,
    undo_to TEXT,
    retry_state TEXT,
    fault TEXT,
    left_behind TEXT,
    preempted BOOLEAN NOT NULL,
    adopted BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    holder TEXT,
    request_id TEXT,
    user_id TEXT,
    project_id TEXT,
    created_at BIGINT NOT NULL,
    entered_at BIGINT NOT NULL,
    ended_at BIGINT,
    delete_kind TEXT,
    delete_state TEXT
);
CREATE UNIQUE INDEX {service}_operations_live ON {service}_operations (resource) WHERE status IN ('running', 'undoing');
CREATE INDEX {service}_operations_by_resource ON {service}_operations (resource, created_at);
CREATE INDEX {service}_operations_by_end ON {service}_operations (ended_at);

CREATE TABLE {service}_operation_steps (
    operation_id TEXT NOT NULL REFERENCES {service}_operations (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    step TEXT NOT NULL,
    event TEXT,
    started_at BIGINT NOT NULL,
    finished_at BIGINT NOT NULL,
    result TEXT NOT NULL,
    message TEXT,
    PRIMARY KEY (operation_id, number)
);

CREATE TABLE {service}_incarnations (
    id TEXT NOT NULL PRIMARY KEY,
    key BIGINT NOT NULL,
    host TEXT NOT NULL,
    pid BIGINT NOT NULL,
    started_at BIGINT NOT NULL
);
