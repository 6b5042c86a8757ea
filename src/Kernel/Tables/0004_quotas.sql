CREATE TABLE {service}_quota_limits (
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    resource TEXT NOT NULL,
    "limit" BIGINT NOT NULL,
    PRIMARY KEY (scope, name, resource)
);

CREATE TABLE {service}_quota_usage (
    project_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    in_use BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    PRIMARY KEY (project_id, resource)
);
