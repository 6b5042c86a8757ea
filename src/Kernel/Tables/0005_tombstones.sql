CREATE TABLE {service}_tombstones (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (kind, id)
);
CREATE INDEX {service}_tombstones_by_time ON {service}_tombstones (at);
