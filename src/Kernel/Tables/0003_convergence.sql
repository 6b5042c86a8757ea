CREATE TABLE {service}_node_items (
    node TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    generation BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    wanted BOOLEAN NOT NULL,
    spec TEXT,
    changed_at BIGINT NOT NULL,
    observed_generation BIGINT NOT NULL DEFAULT 0,
    observed_present BOOLEAN,
    error TEXT,
    state TEXT,
    observed_at BIGINT,
    PRIMARY KEY (node, kind, id)
);
CREATE INDEX {service}_node_items_by_revision ON {service}_node_items (node, revision);
CREATE INDEX {service}_node_items_by_id ON {service}_node_items (kind, id);

CREATE TABLE {service}_events (
    number BIGINT NOT NULL PRIMARY KEY,
    type TEXT NOT NULL,
    project_id TEXT,
    user_id TEXT,
    resource TEXT NOT NULL,
    payload TEXT NOT NULL,
    request_id TEXT,
    at BIGINT NOT NULL
);
CREATE INDEX {service}_events_by_resource ON {service}_events (resource, number);
