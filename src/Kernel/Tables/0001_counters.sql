CREATE TABLE {service}_counters (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
